namespace Milena.Kafka;

/// <summary>A log directory of a broker.</summary>
/// <param name="Replicas">The replicas in it.</param>
public sealed record LogDirDescription(IReadOnlyDictionary<TopicPartition, LogDirReplica> Replicas)
{
    /// <summary>Why the directory cannot be used; null if it can.</summary>
    public KafkaException? Failure { get; init; }

    /// <summary>The size of its volume in bytes; null from brokers before 3.3.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What is free of that; null from brokers before 3.3.</summary>
    public long? UsableBytes { get; init; }

    /// <summary>Whether no new replica is put there (KIP-1066). False from brokers before 4.3.</summary>
    public bool IsCordoned { get; init; }
}
