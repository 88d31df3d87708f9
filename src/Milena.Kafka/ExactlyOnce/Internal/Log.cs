using Microsoft.Extensions.Logging;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What the exactly-once loop says, event ids 500 to 599.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Debug, "{Id}: a transaction of {Records} records was committed")]
    public static partial void Committed(ILogger logger, string id, int records);

    [LoggerMessage(501, LogLevel.Information, "{Id}: a transaction of {Records} records was aborted ({Cause}) and its records come again: {Reason}")]
    public static partial void Aborted(ILogger logger, string id, int records, AbortCause cause, string reason);

    [LoggerMessage(502, LogLevel.Warning, "{Id}: the coordinator did not confirm a commit; the loop waits until it says how the transaction ended: {Reason}")]
    public static partial void Unresolved(ILogger logger, string id, string reason);

    [LoggerMessage(503, LogLevel.Information, "{Id}: the coordinator says that the transaction is {Outcome}")]
    public static partial void Resolved(ILogger logger, string id, TransactionOutcome outcome);

    [LoggerMessage(504, LogLevel.Information, "{Id}: a transaction could not begin and is tried again: {Reason}")]
    public static partial void BeginFailed(ILogger logger, string id, string reason);

    [LoggerMessage(505, LogLevel.Warning, "{Id}: the handler has not ended within {Limit} (StopTimeout) and ignores its token; the loop ends without it")]
    public static partial void HandlerIgnoresToken(ILogger logger, string id, TimeSpan limit);

    [LoggerMessage(506, LogLevel.Warning, "{Id}: the loop ended before the coordinator said whether the last transaction was committed")]
    public static partial void LeftUnknown(ILogger logger, string id);

    [LoggerMessage(507, LogLevel.Warning, "{Partition}, offset {Offset}: the handler failed; the record is skipped")]
    public static partial void Skipped(ILogger logger, TopicPartition partition, long offset, Exception failure);

    [LoggerMessage(508, LogLevel.Warning, "{Partition}, offset {Offset}: the handler failed; the record goes to {Topic}: {Reason}")]
    public static partial void SentOn(ILogger logger, TopicPartition partition, long offset, string topic, string reason);

    [LoggerMessage(509, LogLevel.Warning, "{Partition}, offset {Offset}: the {Part} cannot be read; the record is dealt with by the policy: {Reason}")]
    public static partial void Poisoned(ILogger logger, TopicPartition partition, long offset, RecordPart part, string reason);

    [LoggerMessage(510, LogLevel.Error, "{Id}: a handler of TransactionEnded threw; the loop goes on")]
    public static partial void ObserverThrew(ILogger logger, string id, Exception failure);
}
