namespace Milena.Kafka;

/// <summary>A record that could not be read or processed could not be stored in its dead-letter or retry topic either. The position stays at it.</summary>
public sealed class DeadLetterException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition of the record.</param>
    /// <param name="offset">The offset of the record.</param>
    /// <param name="target">The topic where it was to go.</param>
    /// <param name="failures">Why it could not be stored, and what was wrong with it.</param>
    public DeadLetterException(TopicPartition partition, long offset, string target, AggregateException failures)
        : base($"{partition}, offset {offset}: the record could not be stored in '{target}', so the position stays at it. {failures?.InnerExceptions[0].Message}", failures)
    {
        Partition = partition;
        Offset = offset;
        Target = target;
    }

    /// <summary>The partition of the record.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The offset of the record.</summary>
    public long Offset { get; }

    /// <summary>The topic where it was to go.</summary>
    public string Target { get; }
}
