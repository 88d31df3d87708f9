namespace Milena.Kafka;

/// <summary>A group has no committed offset for a partition, and <see cref="ConsumerOptions.AutoOffsetReset"/> is null: the caller decides.</summary>
public sealed class NoCommittedOffsetException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partition">The partition.</param>
    public NoCommittedOffsetException(string groupId, TopicPartition partition)
        : base($"Group '{groupId}' has no committed offset for {partition}, and AutoOffsetReset is null. Seek to where reading is to begin.")
    {
        Partition = partition;
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
