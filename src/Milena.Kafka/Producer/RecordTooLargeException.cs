using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A record is larger than the producer may send. It was not queued.</summary>
public sealed class RecordTooLargeException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="topic">The topic that the record was meant for.</param>
    /// <param name="size">The bytes that the record takes on the wire, at most.</param>
    /// <param name="message">The size, the limit, and what to do about it.</param>
    public RecordTooLargeException(string topic, long size, string message) : base(ErrorCode.MessageTooLarge, message)
    {
        Topic = topic;
        Size = size;
    }

    /// <summary>The topic that the record was meant for.</summary>
    public string Topic { get; }

    /// <summary>The bytes that the record takes on the wire, at most.</summary>
    public long Size { get; }
}
