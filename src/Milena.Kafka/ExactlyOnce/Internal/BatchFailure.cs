namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Why the transaction that a batch belongs to must be aborted.</summary>
/// <param name="Cause">In one word.</param>
/// <param name="Fault">What was thrown.</param>
internal sealed record BatchFailure(AbortCause Cause, Exception Fault)
{
    /// <summary>What the loop ends with; null if the batch is to come again.</summary>
    public Exception? End { get; init; }

    /// <summary>How long the policy wants the batch to rest.</summary>
    public TimeSpan Pause { get; init; }
}
