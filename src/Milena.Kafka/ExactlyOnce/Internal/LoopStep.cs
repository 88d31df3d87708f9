namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What an exactly-once loop does next.</summary>
internal enum LoopStep
{
    /// <summary>Begin a transaction.</summary>
    Begin,

    /// <summary>Wait for a batch, or until it is time to commit, and give it to the handler.</summary>
    Read,

    /// <summary>Commit the transaction.</summary>
    Commit,

    /// <summary>Abort the transaction, and go back to where it began.</summary>
    Abort,

    /// <summary>Find out how the last transaction ended.</summary>
    Resolve,

    /// <summary>Stop.</summary>
    End,
}
