namespace Milena.Kafka.Cluster.Internal;

/// <summary>What to do about an error code.</summary>
internal enum RecoveryAction
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The same request may succeed after a pause.</summary>
    Retry,

    /// <summary>The same request may succeed within milliseconds.</summary>
    RetrySoon,

    /// <summary>Ask for metadata, then try again.</summary>
    RefreshMetadata,

    /// <summary>Look up the coordinator, then try again.</summary>
    FindCoordinator,

    /// <summary>The membership in the group is gone or changed: join again.</summary>
    Rejoin,

    /// <summary>The request can never succeed as it is.</summary>
    Fail,

    /// <summary>The producer or member that asked cannot go on at all.</summary>
    Fatal,
}
