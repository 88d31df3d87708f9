using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What all records of a batch have in common; read once, not for every record.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="TimestampType">Who set the times.</param>
/// <param name="LeaderEpoch">The epoch of the leader that appended the batch.</param>
internal readonly record struct RecordOrigin(TopicPartition Partition, TimestampType TimestampType, int LeaderEpoch)
{
    public static RecordOrigin Of(TopicPartition partition, in RecordBatch batch) => new(partition, batch.TimestampType, batch.LeaderEpoch);
}
