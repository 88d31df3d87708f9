namespace Milena.Kafka;

/// <summary>An open transaction in one partition that its coordinator knows nothing of any more, and that is to be aborted there.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="ProducerEpoch">The producer's epoch.</param>
/// <param name="CoordinatorEpoch">The epoch that the coordinator last had in the partition; 0 if there was none.</param>
public sealed record HangingTransaction(TopicPartition Partition, long ProducerId, short ProducerEpoch, int CoordinatorEpoch = 0);
