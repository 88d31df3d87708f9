using Microsoft.Extensions.Logging;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What the consumer says, event ids 400 to 499.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Warning, "{Partition}: offset {Offset} is not in the log; reading goes on at the {Place} (OutOfRange)")]
    public static partial void OutOfRange(ILogger logger, TopicPartition partition, long offset, string place);

    [LoggerMessage(401, LogLevel.Warning, "{Partition}: the log was cut back to offset {Offset} by an unclean leader election; records after it that were handed out no longer exist")]
    public static partial void Truncated(ILogger logger, TopicPartition partition, long offset);

    [LoggerMessage(402, LogLevel.Information, "Fetching from broker {Broker} failed and is tried again: {Failure}")]
    public static partial void FetchFailed(ILogger logger, int broker, string failure);

    [LoggerMessage(403, LogLevel.Debug, "{Partition}: broker {Broker} answered {Error}; it is fetched again")]
    public static partial void PartitionFailed(ILogger logger, TopicPartition partition, int broker, ErrorCode error);

    [LoggerMessage(404, LogLevel.Debug, "The fetch session with broker {Broker} ended with {Error}; a new one is opened")]
    public static partial void SessionEnded(ILogger logger, int broker, ErrorCode error);

    [LoggerMessage(405, LogLevel.Information, "The start position of {Partition} could not be looked up and is tried again: {Failure}")]
    public static partial void PlacementFailed(ILogger logger, TopicPartition partition, string failure);

    [LoggerMessage(406, LogLevel.Error, "A loop of the consumer ended unexpectedly; reading ends with its failure")]
    public static partial void LoopFailed(ILogger logger, Exception failure);

    [LoggerMessage(407, LogLevel.Debug, "Metadata for the consumer could not be fetched and is tried again: {Failure}")]
    public static partial void MetadataFailed(ILogger logger, string failure);
}
