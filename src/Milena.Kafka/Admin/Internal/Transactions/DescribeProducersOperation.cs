using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Transactions;

/// <summary>Asks leaders, or one replica, which producers have written to partitions.</summary>
internal sealed class DescribeProducersOperation : Operation<TopicPartition, DescribeProducersRequest, DescribeProducersResponse, IReadOnlyList<ProducerState>>
{
    private readonly int? _brokerId;

    public DescribeProducersOperation(int? brokerId) => _brokerId = brokerId;

    public override Api Api => Apis.DescribeProducers;

    public override TimeSpan? TopicPatience => AdminErrors.TopicPatience;

    public override Route RouteOf(TopicPartition key) => _brokerId is { } broker ? Route.ToBroker(broker) : Route.ToLeader(key);

    public override DescribeProducersRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        Topics = [.. keys.GroupBy(key => key.Topic, key => key.Partition).Select(topic => new DescribeProducersRequest.TopicRequest { Name = topic.Key, PartitionIndexes = [.. topic] })],
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, DescribeProducersResponse response, AnswerSheet<TopicPartition, IReadOnlyList<ProducerState>> answers)
    {
        foreach (DescribeProducersResponse.TopicResponse topic in response.Topics)
        {
            topic.Partitions.ForEach(partition => answers.Note(
                new TopicPartition(topic.Name, partition.PartitionIndex), partition.ErrorCode, partition.ErrorMessage, [.. partition.ActiveProducers.Select(Read)]));
        }
    }

    public override string Describe(TopicPartition key) => $"Describing the producers of {key}";

    // A certain replica either has the partition or not; who leads it would not help.
    public override RecoveryAction Decide(ErrorCode error) =>
        _brokerId is not null && error is ErrorCode.NotLeaderOrFollower or ErrorCode.UnknownTopicOrPartition ? RecoveryAction.Fail : AdminErrors.Decide(error);

    private static ProducerState Read(DescribeProducersResponse.ProducerState producer) => new(
        producer.ProducerId,
        producer.ProducerEpoch,
        producer.LastSequence,
        producer.LastTimestamp >= 0 ? DateTimeOffset.FromUnixTimeMilliseconds(producer.LastTimestamp) : null,
        producer.CoordinatorEpoch >= 0 ? producer.CoordinatorEpoch : null,
        producer.CurrentTxnStartOffset >= 0 ? producer.CurrentTxnStartOffset : null);
}
