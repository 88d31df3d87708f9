using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Has leaders elected, of some partitions or of all. What the controller says of each partition is final.</summary>
internal sealed class ElectLeadersOperation : SingleOperation<ElectLeadersRequest, ElectLeadersResponse, IReadOnlyDictionary<TopicPartition, Answer<bool>>>
{
    private readonly ElectionType _type;
    private readonly IReadOnlyCollection<TopicPartition>? _partitions;
    private readonly TimeSpan _timeout;

    public ElectLeadersOperation(ElectionType type, IReadOnlyCollection<TopicPartition>? partitions, TimeSpan timeout)
    {
        _type = type;
        _partitions = partitions;
        _timeout = timeout;
    }

    public override Api Api => Apis.ElectLeaders;

    public override string Describe(Route key) => "Electing leaders";

    protected override ElectLeadersRequest CreateRequest(short version) => new()
    {
        ElectionType = (sbyte)_type,
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        TopicPartitions = _partitions?.GroupBy(partition => partition.Topic).Select(topic => new ElectLeadersRequest.TopicPartitionsStruct
        {
            Topic = topic.Key,
            Partitions = [.. topic.Select(partition => partition.Partition)],
        }).ToList(),
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(ElectLeadersResponse response) => (response.ErrorCode, null);

    protected override IReadOnlyDictionary<TopicPartition, Answer<bool>> Read(ElectLeadersResponse response)
    {
        Dictionary<TopicPartition, Answer<bool>> answers = (_partitions ?? []).Distinct().ToDictionary(
            partition => partition,
            partition => Answer<bool>.Failed(new KafkaException($"Electing a leader of {partition}: the controller's answer does not mention it.")));
        foreach (ElectLeadersResponse.ReplicaElectionResult topic in response.ReplicaElectionResults)
        {
            foreach (ElectLeadersResponse.PartitionResult result in topic.PartitionResult)
            {
                var partition = new TopicPartition(topic.Topic, result.PartitionId);
                answers[partition] = result.ErrorCode == ErrorCode.None
                    ? Answer<bool>.Of(true)
                    : Answer<bool>.Failed(BrokerFault.Of($"Electing a leader of {partition}", result.ErrorCode, result.ErrorMessage));
            }
        }

        return answers;
    }
}
