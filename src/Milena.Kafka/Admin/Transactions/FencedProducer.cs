namespace Milena.Kafka;

/// <summary>The identity with which producers of a transactional id were fenced: those with a lower epoch can write no more.</summary>
/// <param name="ProducerId">The producer id.</param>
/// <param name="ProducerEpoch">The epoch, which no producer has.</param>
public readonly record struct FencedProducer(long ProducerId, short ProducerEpoch);
