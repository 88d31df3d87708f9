namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>One transaction in the model.</summary>
internal sealed class ModelScope(DateTimeOffset startedAt)
{
    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>What became of it; null while it is open.</summary>
    public bool? IsCommitted { get; set; }

    public Dictionary<(string Group, int Partition), long> Positions { get; } = [];

    /// <summary>Positions that another transaction has stored after this one.</summary>
    public HashSet<(string Group, int Partition)> Superseded { get; } = [];
}
