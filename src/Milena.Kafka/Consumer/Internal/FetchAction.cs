namespace Milena.Kafka.Consumer.Internal;

/// <summary>What to do about a partition in a fetch answer.</summary>
internal enum FetchAction
{
    /// <summary>Nothing: no error and no records.</summary>
    None,

    /// <summary>Keep the records for the reader.</summary>
    Read,

    /// <summary>Fetch again after a pause: not one batch came whole.</summary>
    AskAgain,

    /// <summary>Go back to where the log was cut back to.</summary>
    CutBack,

    /// <summary>Fetch again after a pause.</summary>
    Retry,

    /// <summary>Fetch again once there is newer metadata.</summary>
    RefreshMetadata,

    /// <summary>The offset is not in the log.</summary>
    OutOfRange,

    /// <summary>Tell the user.</summary>
    Fail,
}
