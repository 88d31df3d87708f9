using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A topic has no partition of that number.</summary>
public sealed class UnknownPartitionException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="partition">The partition that was asked for.</param>
    /// <param name="message">How many there are.</param>
    public UnknownPartitionException(TopicPartition partition, string message) : base(ErrorCode.UnknownTopicOrPartition, message)
    {
        Partition = partition;
    }

    /// <summary>The partition that was asked for.</summary>
    public TopicPartition Partition { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
