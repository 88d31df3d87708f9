namespace Milena.Kafka.Consumer.Internal;

/// <summary>When a record is to be processed again.</summary>
/// <param name="Attempt">How often it has been sent to a retry topic; 0 for never.</param>
/// <param name="UnixTime">Not before this time, in milliseconds since 1970; 0 for at once.</param>
internal readonly record struct RetryDue(int Attempt, long UnixTime);
