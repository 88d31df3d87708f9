using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A position is not in the log of its partition, and <see cref="ConsumerOptions.OutOfRange"/> leaves it to the caller where to go on.</summary>
public sealed class OffsetOutOfRangeException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset that was asked for.</param>
    /// <param name="message">What happened and what to do about it.</param>
    public OffsetOutOfRangeException(TopicPartition partition, long offset, string message) : base(ErrorCode.OffsetOutOfRange, message)
    {
        Partition = partition;
        Offset = offset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset that was asked for.</summary>
    public long Offset { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
