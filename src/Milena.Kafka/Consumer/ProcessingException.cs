namespace Milena.Kafka;

/// <summary>A handler failed, and the processing stopped for it. The record is not committed; <see cref="Exception.InnerException"/> is what the handler threw.</summary>
public sealed class ProcessingException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition of the record.</param>
    /// <param name="offset">The offset of the record.</param>
    /// <param name="innerException">What the handler threw.</param>
    public ProcessingException(TopicPartition partition, long offset, Exception innerException)
        : base($"{partition}, offset {offset}: the handler failed. {innerException?.Message} The group's position stays at the record.", innerException)
    {
        Partition = partition;
        Offset = offset;
    }

    /// <summary>The partition of the record.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset of the record.</summary>
    public long Offset { get; }
}
