namespace Milena.Kafka.Protocol.Records;

/// <summary>Who produced a batch and where it stands in that producer's order (KIP-98).</summary>
/// <param name="Id">The producer id; -1 if the producer is not idempotent.</param>
/// <param name="Epoch">The producer's epoch; -1 if it is not idempotent.</param>
/// <param name="BaseSequence">The sequence number of the first record; -1 if the producer is not idempotent.</param>
public readonly record struct BatchProducer(long Id, short Epoch, int BaseSequence)
{
    /// <summary>A producer that is not idempotent.</summary>
    public static BatchProducer None { get; } = new(-1, -1, -1);
}
