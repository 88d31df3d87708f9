using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Producer.Internal;

/// <summary>What the producer says, event ids 300 to 399.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Debug, "A batch of {Partition} with {Records} records is sent again: {Failure}")]
    public static partial void BatchRetried(ILogger logger, TopicPartition partition, int records, string failure);

    [LoggerMessage(301, LogLevel.Warning, "A batch of {Partition} with {Records} records was not delivered ({Status}): {Failure}")]
    public static partial void BatchFailed(ILogger logger, TopicPartition partition, int records, DeliveryStatus status, string failure);

    [LoggerMessage(302, LogLevel.Information, "A batch of {Partition} with {Records} records is too large for the broker and is split")]
    public static partial void BatchSplit(ILogger logger, TopicPartition partition, int records);

    [LoggerMessage(303, LogLevel.Error, "A handler of DeliveryFailed threw; the producer goes on")]
    public static partial void HandlerThrew(ILogger logger, Exception exception);

    [LoggerMessage(304, LogLevel.Information, "Broker {Broker} cannot be produced to; it is tried again")]
    public static partial void BrokerUnreachable(ILogger logger, int broker, Exception exception);

    [LoggerMessage(305, LogLevel.Critical, "The producer's loop for broker {Broker} ended by an error of its own; the producer takes no more records")]
    public static partial void LoopEnded(ILogger logger, int broker, Exception exception);

    [LoggerMessage(306, LogLevel.Information, "The sequence of {Partition} is broken; the producer goes on with a newer epoch than {Epoch} of producer id {ProducerId}")]
    public static partial void EpochBumped(ILogger logger, TopicPartition partition, long producerId, short epoch);
}
