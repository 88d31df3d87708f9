using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsOperation : Operation<string, CreateTopicsRequest, CreateTopicsResponse, CreatedTopic>
{
    private const short FirstVersionWithDefaults = 4;

    private readonly Dictionary<string, NewTopic> _topics;
    private readonly bool _validateOnly;
    private readonly TimeSpan _timeout;
    private readonly bool _retryOnQuotaViolation;

    public CreateTopicsOperation(IEnumerable<NewTopic> topics, bool validateOnly, TimeSpan timeout, bool retryOnQuotaViolation)
    {
        _topics = topics.ToDictionary(t => t.Name);
        _validateOnly = validateOnly;
        _timeout = timeout;
        _retryOnQuotaViolation = retryOnQuotaViolation;
    }

    public IEnumerable<string> Names => _topics.Keys;

    public override Api Api => Apis.CreateTopics;

    public override Route RouteOf(string key) => Route.Controller;

    public override short MinVersionOf(string key) =>
        _topics[key] is { Assignments: null } topic && (topic.Partitions is null || topic.ReplicationFactor is null) ? FirstVersionWithDefaults : (short)0;

    public override CreateTopicsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        ValidateOnly = _validateOnly,
        Topics = keys.Select(ToWire).ToList(),
    };

    public override void Read(IReadOnlyList<string> keys, CreateTopicsResponse response, AnswerSheet<string, CreatedTopic> answers)
    {
        foreach (CreateTopicsResponse.CreatableTopicResult topic in response.Topics)
        {
            answers.Note(topic.Name, topic.ErrorCode, topic.ErrorMessage, Describe(topic));
        }
    }

    public override string Describe(string key) => $"Creating topic '{key}'";

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error, _retryOnQuotaViolation);

    private static CreatedTopic Describe(CreateTopicsResponse.CreatableTopicResult topic) => new(topic.Name)
    {
        Id = topic.TopicId == Guid.Empty ? null : topic.TopicId,
        Partitions = topic.NumPartitions < 0 ? null : topic.NumPartitions,
        ReplicationFactor = topic.ReplicationFactor < 0 ? null : topic.ReplicationFactor,
        ConfigsError = topic.TopicConfigErrorCode,
        Configs = topic.NumPartitions < 0 ? null : topic.Configs?.ToDictionary(
            config => config.Name,
            config => new ConfigEntry(config.Name, config.Value, (ConfigSource)config.ConfigSource) { IsReadOnly = config.ReadOnly, IsSensitive = config.IsSensitive }),
    };

    private CreateTopicsRequest.CreatableTopic ToWire(string name)
    {
        NewTopic topic = _topics[name];
        return new CreateTopicsRequest.CreatableTopic
        {
            Name = name,
            NumPartitions = topic.Partitions ?? -1,
            ReplicationFactor = topic.ReplicationFactor ?? -1,
            Assignments = (topic.Assignments ?? []).Select((brokers, partition) => new CreateTopicsRequest.CreatableReplicaAssignment
            {
                PartitionIndex = partition,
                BrokerIds = [.. brokers],
            }).ToList(),
            Configs = topic.Configs.Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value }).ToList(),
        };
    }
}
