using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Lists moves of partitions that are under way (KIP-455).</summary>
internal sealed class ListReassignmentsOperation
    : SingleOperation<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, IReadOnlyDictionary<TopicPartition, PartitionReassignment>>
{
    private readonly IEnumerable<TopicPartition>? _partitions;
    private readonly TimeSpan _timeout;

    public ListReassignmentsOperation(IEnumerable<TopicPartition>? partitions, TimeSpan timeout)
    {
        _partitions = partitions;
        _timeout = timeout;
    }

    public override Api Api => Apis.ListPartitionReassignments;

    public override string Describe(Route key) => "Listing the moves of partitions";

    protected override ListPartitionReassignmentsRequest CreateRequest(short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        Topics = _partitions?.GroupBy(partition => partition.Topic).Select(topic => new ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics
        {
            Name = topic.Key,
            PartitionIndexes = [.. topic.Select(partition => partition.Partition)],
        }).ToList(),
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(ListPartitionReassignmentsResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override IReadOnlyDictionary<TopicPartition, PartitionReassignment> Read(ListPartitionReassignmentsResponse response) =>
        (from topic in response.Topics
         from partition in topic.Partitions
         select KeyValuePair.Create(
             new TopicPartition(topic.Name, partition.PartitionIndex),
             new PartitionReassignment(partition.Replicas, partition.AddingReplicas, partition.RemovingReplicas))).ToDictionary();
}
