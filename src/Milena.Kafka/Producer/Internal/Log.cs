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

    [LoggerMessage(307, LogLevel.Debug, "{Partition} is led by broker {To} now, not by {From} (-1: by none); its batches follow it")]
    public static partial void LeaderMoved(ILogger logger, TopicPartition partition, int from, int to);

    [LoggerMessage(308, LogLevel.Warning, "The producer is closed with {Records} records of {Batches} batches undelivered: {NotStored} are surely not stored, of {Unknown} it is not known")]
    public static partial void ClosedWithLeftovers(ILogger logger, int records, int batches, int notStored, int unknown);

    [LoggerMessage(309, LogLevel.Information, "{Records} records of {Batches} batches were purged: {NotStored} are surely not stored, of {Unknown} it is not known")]
    public static partial void Purged(ILogger logger, int records, int batches, int notStored, int unknown);

    [LoggerMessage(310, LogLevel.Debug, "The producer is {ProducerId} with epoch {Epoch}")]
    public static partial void IdentityGiven(ILogger logger, long producerId, short epoch);

    [LoggerMessage(311, LogLevel.Information, "The producer got no producer id; it asks again: {Failure}")]
    public static partial void IdentityRefused(ILogger logger, string failure);

    [LoggerMessage(312, LogLevel.Error, "{Interceptor} threw in {Method}; the record goes on without it")]
    public static partial void InterceptorThrew(ILogger logger, Exception exception, string interceptor, string method);

    [LoggerMessage(313, LogLevel.Debug, "The producer is closed")]
    public static partial void Closed(ILogger logger);

    [LoggerMessage(314, LogLevel.Error, "The producer fails as a whole, with {Records} records of {Batches} batches undelivered: {Reason}")]
    public static partial void Failed(ILogger logger, int records, int batches, string reason);

    [LoggerMessage(332, LogLevel.Debug, "A transaction of '{Id}' was left without an end: {Reason}")]
    public static partial void TransactionLeft(ILogger logger, string id, string reason);

    [LoggerMessage(330, LogLevel.Warning, "The transaction of '{Id}' can only be aborted: {Reason}")]
    public static partial void TransactionFailed(ILogger logger, string id, string reason);

    [LoggerMessage(331, LogLevel.Warning, "The coordinator has not confirmed the abort of the transaction of '{Id}'; it ends by its time-out at the latest: {Reason}")]
    public static partial void AbortUnconfirmed(ILogger logger, string id, string reason);

    [LoggerMessage(315, LogLevel.Information, "The producer was aborted with {Records} records of {Batches} batches undelivered: {NotStored} are surely not stored, of {Unknown} it is not known")]
    public static partial void Aborted(ILogger logger, int records, int batches, int notStored, int unknown);

    [LoggerMessage(316, LogLevel.Error, "A listener of the producer's instruments threw; the producer goes on, and says so this once")]
    public static partial void ListenerThrew(ILogger logger, Exception exception);
}
