namespace Milena.Kafka;

/// <summary>Where a transactional id stands at its coordinator.</summary>
public enum TransactionState
{
    /// <summary>One that this client has no name for.</summary>
    Unknown,

    /// <summary>A producer was let in and has not begun.</summary>
    Empty,

    /// <summary>A transaction is open.</summary>
    Ongoing,

    /// <summary>It is decided that it is committed; markers are being written.</summary>
    PrepareCommit,

    /// <summary>It is decided that it is aborted; markers are being written.</summary>
    PrepareAbort,

    /// <summary>The last transaction was committed.</summary>
    CompleteCommit,

    /// <summary>The last transaction was aborted.</summary>
    CompleteAbort,

    /// <summary>The transactional id is being removed.</summary>
    Dead,

    /// <summary>The producer is being fenced.</summary>
    PrepareEpochFence,
}
