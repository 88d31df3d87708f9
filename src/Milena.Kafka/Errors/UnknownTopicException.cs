using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A topic does not exist, or not on time, or a partition of it does not.</summary>
public sealed class UnknownTopicException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="message">What was looked for, and what to do about it.</param>
    public UnknownTopicException(string topic, string message) : base(ErrorCode.UnknownTopicOrPartition, message)
    {
        Topic = topic;
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }
}
