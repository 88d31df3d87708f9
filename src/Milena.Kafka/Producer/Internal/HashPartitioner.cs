namespace Milena.Kafka.Producer.Internal;

/// <summary>A partitioner that goes by a hash of the key.</summary>
internal sealed class HashPartitioner : IPartitioner
{
    /// <summary>The answer that leaves the choice to the producer.</summary>
    public const int Any = -1;

    private readonly Hash _hash;
    private readonly Keyless _keyless;

    public HashPartitioner(Hash hash, Keyless keyless)
    {
        _hash = hash;
        _keyless = keyless;
    }

    /// <summary>The partition of a key.</summary>
    public delegate int Hash(ReadOnlySpan<byte> key, int partitionCount);

    /// <summary>What becomes of a record without a key.</summary>
    public enum Keyless
    {
        /// <summary>It goes where an empty key goes.</summary>
        Hashed,

        /// <summary>The producer chooses.</summary>
        Free,

        /// <summary>The producer chooses, also if the key is there and empty.</summary>
        FreeIfEmpty,
    }

    public int SelectPartition(string topic, int partitionCount, ReadOnlySpan<byte> key, bool isKeyNull) =>
        (isKeyNull && _keyless != Keyless.Hashed) || (key.IsEmpty && _keyless == Keyless.FreeIfEmpty) ? Any : _hash(key, partitionCount);
}
