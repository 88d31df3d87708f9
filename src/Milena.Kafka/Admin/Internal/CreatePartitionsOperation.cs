using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Gives topics more partitions.</summary>
internal sealed class CreatePartitionsOperation : Operation<string, CreatePartitionsRequest, CreatePartitionsResponse, bool>
{
    private readonly IReadOnlyDictionary<string, NewPartitions> _wanted;
    private readonly bool _validateOnly;
    private readonly TimeSpan _timeout;
    private readonly bool _retryOnQuotaViolation;

    public CreatePartitionsOperation(IReadOnlyDictionary<string, NewPartitions> wanted, bool validateOnly, TimeSpan timeout, bool retryOnQuotaViolation)
    {
        _wanted = wanted;
        _validateOnly = validateOnly;
        _timeout = timeout;
        _retryOnQuotaViolation = retryOnQuotaViolation;
    }

    public override Api Api => Apis.CreatePartitions;

    public override Route RouteOf(string key) => Route.Controller;

    public override CreatePartitionsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        ValidateOnly = _validateOnly,
        Topics = keys.Select(name => new CreatePartitionsRequest.CreatePartitionsTopic
        {
            Name = name,
            Count = _wanted[name].Total,
            Assignments = _wanted[name].Assignments?.Select(brokers => new CreatePartitionsRequest.CreatePartitionsAssignment { BrokerIds = [.. brokers] }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<string> keys, CreatePartitionsResponse response, AnswerSheet<string, bool> answers)
    {
        foreach (CreatePartitionsResponse.CreatePartitionsTopicResult topic in response.Results)
        {
            answers.Note(topic.Name, topic.ErrorCode, topic.ErrorMessage, true);
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error, _retryOnQuotaViolation);

    public override string Describe(string key) => $"Adding partitions to topic '{key}'";
}
