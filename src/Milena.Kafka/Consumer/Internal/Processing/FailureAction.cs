namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>What to do about a record whose handler failed.</summary>
internal enum FailureAction
{
    /// <summary>Stop the processing.</summary>
    Stop,

    /// <summary>Leave the record out.</summary>
    Skip,

    /// <summary>Run the handler again.</summary>
    RunAgain,

    /// <summary>Send the record to a retry topic.</summary>
    RetryTopic,

    /// <summary>Send the record to a dead-letter topic.</summary>
    DeadLetter,
}
