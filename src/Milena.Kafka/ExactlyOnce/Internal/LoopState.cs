namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Where an exactly-once loop is.</summary>
internal enum LoopState
{
    /// <summary>No transaction; one is to begin.</summary>
    Idle,

    /// <summary>A transaction with nothing in it.</summary>
    Ready,

    /// <summary>The handler has a batch.</summary>
    Handling,

    /// <summary>The handler has finished batches, whose offsets go with the transaction.</summary>
    Filled,

    /// <summary>The transaction is being committed.</summary>
    Committing,

    /// <summary>The coordinator has not said whether it was committed.</summary>
    Unresolved,

    /// <summary>The transaction cannot be committed, and is to be aborted.</summary>
    Doomed,

    /// <summary>The loop is over.</summary>
    Ended,
}
