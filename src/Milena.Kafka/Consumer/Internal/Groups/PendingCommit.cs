using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>A commit that somebody waits for. Guarded by the lock of the <see cref="FetchState"/>.</summary>
internal sealed class PendingCommit
{
    /// <summary>What is still to be stored.</summary>
    public required List<CommitEntry> Entries { get; set; }

    /// <summary>Whether the user has asked for just that, so that all of it must be the consumer's; else what is gone, or committed further meanwhile, is left out.</summary>
    public required bool IsStrict { get; init; }

    /// <summary>When it is given up.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>Told once, when it is over: what went wrong, or null. Called under the lock.</summary>
    public required Action<Exception?> Ended { get; init; }

    /// <summary>For what reason of membership the coordinator did not take it the last time.</summary>
    public ErrorCode Refusal { get; set; }

    /// <summary>Why it cannot succeed any more.</summary>
    public Exception? Failure { get; set; }
}
