namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>One scope of a random program: what it was to write, and the transaction that says how it ended.</summary>
internal sealed record ModelScope(int Number, List<(int Partition, string Value)> Records, ProducerTransaction<string?, string?> Transaction)
{
    /// <summary>Whether it ended in the way that is neither one nor the other.</summary>
    public bool IsUnknown => Transaction.Outcome == TransactionOutcome.Unknown;

    public override string ToString() => $"{Number}: {Records.Count} records, {Transaction.Outcome?.ToString() ?? "left"}";
}
