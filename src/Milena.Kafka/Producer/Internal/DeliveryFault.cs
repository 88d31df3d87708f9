using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Why the records of a batch were not delivered; each who asks gets an exception of his own.</summary>
internal sealed record DeliveryFault(TopicPartition Partition, DeliveryStatus Status, ErrorCode Code, string Message, Exception? Cause)
{
    public DeliveryException ToException() => new(Partition, Status, Code, Message, Cause);
}
