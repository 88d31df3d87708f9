namespace Milena.Kafka;

/// <summary>A key or value could not be turned into bytes, or bytes not into a key or value.</summary>
public sealed class SerializationException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The type, and what is wrong with the value or bytes.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SerializationException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for a stored record that could not be read.</summary>
    /// <param name="partition">The partition of the record.</param>
    /// <param name="offset">The offset of the record.</param>
    /// <param name="part">Whether it is the key or the value.</param>
    /// <param name="innerException">What the deserializer threw.</param>
    public SerializationException(TopicPartition partition, long offset, RecordPart part, Exception innerException)
        : base(
            $"{partition}, offset {offset}: the {(part == RecordPart.Key ? "key" : "value")} cannot be read. {innerException?.Message} "
            + $"The position stays at the record; Seek({partition}, StartPosition.At({offset + 1})) leaves it out.",
            innerException)
    {
        Partition = partition;
        Offset = offset;
        Part = part;
    }

    internal SerializationException(PoisonRecord record) : this(record.TopicPartition, record.Offset, record.Part, record.Failure) => Record = record;

    /// <summary>The record that could not be read, with its stored bytes; null if none was read.</summary>
    public PoisonRecord? Record { get; }

    /// <summary>The partition of the record that could not be read; null if nothing was read.</summary>
    public TopicPartition? Partition { get; }

    /// <summary>The offset of the record that could not be read; null if nothing was read.</summary>
    public long? Offset { get; }

    /// <summary>The part of the record that could not be read; null if nothing was read.</summary>
    public RecordPart? Part { get; }
}
