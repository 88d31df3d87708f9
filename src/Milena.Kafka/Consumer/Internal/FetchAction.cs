namespace Milena.Kafka.Consumer.Internal;

/// <summary>What to do about a partition's error code in a fetch answer.</summary>
internal enum FetchAction
{
    /// <summary>No error.</summary>
    None,

    /// <summary>Fetch again after a pause.</summary>
    Retry,

    /// <summary>Fetch again once there is newer metadata.</summary>
    RefreshMetadata,

    /// <summary>The offset is not in the log.</summary>
    OutOfRange,

    /// <summary>Tell the user.</summary>
    Fail,
}
