namespace Milena.Kafka;

/// <summary>A transaction of an <see cref="ExactlyOnceLoop{TKey, TValue, TOutKey, TOutValue}"/> that has ended.</summary>
/// <param name="Outcome">How. <see cref="TransactionOutcome.Unknown"/> only if the loop ended before the coordinator could be asked.</param>
/// <param name="Inputs">What it has read. If it was aborted, these records come again, here or at another member.</param>
/// <param name="Duration">From its first batch to its end.</param>
/// <param name="Cause">Why it was aborted; null if it was not.</param>
/// <param name="Failure">What was thrown, by the handler or by the commit; null if nothing was.</param>
public sealed record LoopTransaction(TransactionOutcome Outcome, IReadOnlyList<TransactionInput> Inputs, TimeSpan Duration, AbortCause? Cause, Exception? Failure);
