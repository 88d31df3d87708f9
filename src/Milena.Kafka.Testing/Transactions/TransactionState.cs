namespace Milena.Kafka.Testing.Transactions;

/// <summary>Where a transactional id stands; the names are those that clients are told.</summary>
internal enum TransactionState
{
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
    Dead,
}
