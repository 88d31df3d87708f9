using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A record was accepted, but its delivery failed. <see cref="Status"/> says whether it can be in the log all the same.</summary>
public sealed class DeliveryException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition that the record was meant for.</param>
    /// <param name="status">Whether the record can be in the log all the same.</param>
    /// <param name="code">The last error code of a broker; <see cref="ErrorCode.None"/> if there was none.</param>
    /// <param name="message">What failed, and what to do about it.</param>
    /// <param name="innerException">The last failure, if it was not a broker's answer.</param>
    public DeliveryException(TopicPartition partition, DeliveryStatus status, ErrorCode code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
        Topic = partition.Topic;
        Partition = partition.Partition;
        Status = status;
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }

    /// <summary>The partition's number.</summary>
    public int Partition { get; }

    /// <summary>Whether the record can be in the log all the same.</summary>
    public DeliveryStatus Status { get; }
}
