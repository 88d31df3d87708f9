using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsOperation : Operation<string, CreateTopicsRequest, CreateTopicsResponse, bool>
{
    private readonly Dictionary<string, NewTopic> _topics;
    private readonly TimeSpan _timeout;

    public CreateTopicsOperation(IEnumerable<NewTopic> topics, TimeSpan timeout)
    {
        _topics = topics.ToDictionary(t => t.Name);
        _timeout = timeout;
    }

    public override Api Api => Apis.CreateTopics;

    public override Route RouteOf(string key) => Route.Controller;

    public override CreateTopicsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        Topics = keys.Select(ToWire).ToList(),
    };

    public override void Read(IReadOnlyList<string> keys, CreateTopicsResponse response, AnswerSheet<string, bool> answers)
    {
        foreach (CreateTopicsResponse.CreatableTopicResult topic in response.Topics)
        {
            if (topic.ErrorCode == ErrorCode.None)
            {
                answers.Succeed(topic.Name, true);
            }
            else
            {
                answers.Fail(topic.Name, topic.ErrorCode, topic.ErrorMessage);
            }
        }
    }

    public override string Describe(string key) => $"Creating topic '{key}'";

    private CreateTopicsRequest.CreatableTopic ToWire(string name)
    {
        NewTopic topic = _topics[name];
        return new CreateTopicsRequest.CreatableTopic
        {
            Name = name,
            NumPartitions = topic.Partitions ?? -1,
            ReplicationFactor = topic.ReplicationFactor ?? -1,
            Configs = topic.Configs.Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value }).ToList(),
        };
    }
}
