namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>What is next for a record whose handler failed.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Topic">Where it goes; null if it stays.</param>
/// <param name="Pause">How long it rests before the next attempt.</param>
internal readonly record struct FailureDecision(FailureAction Action, string? Topic, TimeSpan Pause);
