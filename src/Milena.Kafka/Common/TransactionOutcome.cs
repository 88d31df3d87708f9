namespace Milena.Kafka;

/// <summary>How a transaction ended.</summary>
public enum TransactionOutcome
{
    /// <summary>All its records and offsets count, for readers of committed records too.</summary>
    Committed,

    /// <summary>None of its records and offsets counts, or ever will.</summary>
    Aborted,

    /// <summary>The commit was asked for, and the coordinator could not be reached any more to say whether it took place.</summary>
    Unknown,
}
