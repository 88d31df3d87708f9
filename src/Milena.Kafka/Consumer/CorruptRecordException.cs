using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Stored records cannot be read: their checksum or structure is wrong, or their codec is not there. The consumer never skips them by itself.</summary>
/// <remarks>The position stays at <see cref="Offset"/>. Reading again fetches the records anew; to leave them out, seek to <see cref="NextOffset"/>.</remarks>
public sealed class CorruptRecordException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The first offset that was not handed out.</param>
    /// <param name="nextOffset">Where the next batch begins.</param>
    /// <param name="reason">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public CorruptRecordException(TopicPartition partition, long offset, long nextOffset, string reason, Exception innerException)
        : base(
            ErrorCode.CorruptMessage,
            $"{partition}: the records from offset {offset} on cannot be read. {reason} Reading again fetches them anew; Seek({partition}, StartPosition.At({nextOffset})) leaves them out.",
            innerException)
    {
        Partition = partition;
        Offset = offset;
        NextOffset = nextOffset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The first offset that was not handed out.</summary>
    public long Offset { get; }

    /// <summary>Where the next batch begins, as far as the damaged one can be trusted; always above <see cref="Offset"/>.</summary>
    public long NextOffset { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
