namespace Milena.Kafka;

/// <summary>What a partition knows of a producer that has written to it.</summary>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="ProducerEpoch">The highest epoch that it was seen with.</param>
/// <param name="LastSequence">The sequence number of its last record; -1 if it is not known.</param>
/// <param name="LastTimestamp">When it wrote last; null if that is not known.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote its last marker; null if none did.</param>
/// <param name="TransactionStartOffset">The first record of its open transaction; null if none is open here.</param>
public sealed record ProducerState(
    long ProducerId, int ProducerEpoch, int LastSequence, DateTimeOffset? LastTimestamp, int? CoordinatorEpoch, long? TransactionStartOffset);
