namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Where a transactional producer is.</summary>
internal enum TransactionState
{
    /// <summary>No scope, and none can begin before the coordinator has given an identity.</summary>
    Uninitialized,

    /// <summary>No scope; one may begin.</summary>
    Ready,

    /// <summary>A scope is about to begin.</summary>
    Starting,

    /// <summary>A scope takes records.</summary>
    Ongoing,

    /// <summary>The scope takes no more records, and is to be committed.</summary>
    Committing,

    /// <summary>The scope takes no more records, and is to be aborted.</summary>
    Aborting,

    /// <summary>Something of the scope failed: it can only be aborted.</summary>
    Failed,

    /// <summary>No scope, but the coordinator has not said how the last one ended.</summary>
    Unresolved,

    /// <summary>The producer is fenced or denied, and can do nothing more.</summary>
    Fatal,
}
