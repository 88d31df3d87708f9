using Microsoft.Extensions.Logging;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What the consumer says, event ids 400 to 499.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Warning, "{Partition}: offset {Offset} is not in the log; reading goes on from: {Place} (OutOfRange)")]
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

    [LoggerMessage(440, LogLevel.Warning, "{Partition}, offset {Offset}: the {Part} cannot be read; the record is skipped: {Failure}")]
    public static partial void PoisonSkipped(ILogger logger, TopicPartition partition, long offset, RecordPart part, string failure);

    [LoggerMessage(441, LogLevel.Warning, "{Partition}, offset {Offset}: the {Part} cannot be read; the record was sent to {Topic}: {Failure}")]
    public static partial void PoisonForwarded(ILogger logger, TopicPartition partition, long offset, RecordPart part, string topic, string failure);

    [LoggerMessage(442, LogLevel.Error, "Interceptor {Interceptor} threw in {Method}; the record or commit goes on without it")]
    public static partial void InterceptorThrew(ILogger logger, Exception failure, string interceptor, string method);

    [LoggerMessage(443, LogLevel.Warning, "{Partition}, offset {Offset}: the handler failed; the record is skipped")]
    public static partial void HandlerSkipped(ILogger logger, TopicPartition partition, long offset, Exception failure);

    [LoggerMessage(444, LogLevel.Information, "{Partition}, offset {Offset}: the handler failed and runs again in {Pause}: {Failure}")]
    public static partial void HandlerRunsAgain(ILogger logger, TopicPartition partition, long offset, TimeSpan pause, string failure);

    [LoggerMessage(445, LogLevel.Warning, "{Partition}, offset {Offset}: the handler failed; the record was sent to {Topic}: {Failure}")]
    public static partial void HandlerForwarded(ILogger logger, TopicPartition partition, long offset, string topic, string failure);

    [LoggerMessage(446, LogLevel.Information, "{Partition}, offset {Offset}: the handler was abandoned, the record comes again: {Failure}")]
    public static partial void HandlerAbandoned(ILogger logger, TopicPartition partition, long offset, string failure);

    [LoggerMessage(447, LogLevel.Warning, "{Count} handlers have not ended within {Limit} (StopTimeout) and ignore their token; the processing ends without them")]
    public static partial void HandlersIgnoreToken(ILogger logger, int count, TimeSpan limit);

    [LoggerMessage(448, LogLevel.Warning, "Nothing has moved for {Since}: {Partitions}")]
    public static partial void NothingMoves(ILogger logger, TimeSpan since, string partitions);

    [LoggerMessage(420, LogLevel.Error, "Group {Group} refuses this consumer; its loop is told")]
    public static partial void GroupFault(ILogger logger, string group, Exception failure);

    [LoggerMessage(421, LogLevel.Information, "The coordinator of group {Group} could not be asked, it is tried again: {Failure}")]
    public static partial void CoordinatorFailed(ILogger logger, string group, string failure);

    [LoggerMessage(422, LogLevel.Information, "Group {Group}: {Change} of {Count} partitions: {Partitions}")]
    public static partial void Reconciling(ILogger logger, string group, Groups.ReconciliationKind change, int count, string partitions);

    [LoggerMessage(423, LogLevel.Warning, "Group {Group}: the record or batch in work was not finished within {Limit}; its partition goes nevertheless, and it comes again elsewhere")]
    public static partial void RevocationTimedOut(ILogger logger, string group, TimeSpan limit);

    [LoggerMessage(424, LogLevel.Warning, "Group {Group}: {Callback} of the rebalance listener has not returned within {Limit}; the group goes on without it")]
    public static partial void ListenerTimedOut(ILogger logger, string group, string callback, TimeSpan limit);

    [LoggerMessage(425, LogLevel.Error, "Group {Group}: {Callback} of the rebalance listener failed")]
    public static partial void ListenerFailed(ILogger logger, string group, string callback, Exception failure);

    [LoggerMessage(426, LogLevel.Warning, "Offsets of group {Group} could not be committed by themselves: {Failure}")]
    public static partial void CommitFailed(ILogger logger, string group, string failure);

    [LoggerMessage(427, LogLevel.Warning, "Group {Group}: the loop has been busy for {Busy} with one record or batch; after {Limit} (MaxPollInterval) its partitions go to others")]
    public static partial void PollIsLate(ILogger logger, string group, TimeSpan busy, TimeSpan limit);

    [LoggerMessage(428, LogLevel.Error, "Group {Group}: the loop has been busy for {Busy}, longer than MaxPollInterval; the consumer leaves the group and joins again when the loop comes back")]
    public static partial void PollExceeded(ILogger logger, string group, TimeSpan busy);

    [LoggerMessage(429, LogLevel.Warning, "Group {Group} was not left within {Limit} (CloseTimeout)")]
    public static partial void CloseTimedOut(ILogger logger, string group, TimeSpan limit);

    [LoggerMessage(430, LogLevel.Warning, "Group {Group}: topic {Topic} cannot be read at the moment: {Error}")]
    public static partial void TopicUnavailable(ILogger logger, string group, string topic, ErrorCode error);

    [LoggerMessage(431, LogLevel.Information, "Group {Group}: {Note}")]
    public static partial void MembershipNote(ILogger logger, string group, string note);
}
