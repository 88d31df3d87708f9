namespace Milena.Kafka.Testing.Transactions;

/// <summary>A producer id with the epoch that tells its holders apart.</summary>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    /// <summary>The last epoch that a producer is given; the one above it is kept for fencing.</summary>
    public const short LastEpoch = short.MaxValue - 1;

    public static ProducerIdentity None { get; } = new(-1, -1);

    public bool IsExhausted => Epoch >= LastEpoch;

    /// <summary>With the next epoch, as far as there is one.</summary>
    public ProducerIdentity Next => this with { Epoch = (short)Math.Min(Epoch + 1, short.MaxValue) };
}
