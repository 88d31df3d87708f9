namespace Milena.Kafka.Testing;

/// <summary>A transactional id as its coordinator knows it.</summary>
public sealed record StoredTransaction
{
    /// <summary>The transactional id.</summary>
    public required string TransactionalId { get; init; }

    /// <summary>Where it stands: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort or Dead.</summary>
    public required string State { get; init; }

    /// <summary>The producer id that goes with it.</summary>
    public required long ProducerId { get; init; }

    /// <summary>The epoch of the producer that may write; -1 while none was let in.</summary>
    public required short ProducerEpoch { get; init; }

    /// <summary>How long a transaction may run.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>When the running or, after its end, the last transaction began.</summary>
    /// <value><see langword="null"/> if none did since the producer was let in.</value>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>The partitions that are enrolled and have not got their markers.</summary>
    public required IReadOnlyList<(string Topic, int Partition)> Partitions { get; init; }

    /// <summary>The groups whose positions go with the running transaction.</summary>
    public required IReadOnlyList<string> Groups { get; init; }
}
