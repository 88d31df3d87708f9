namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Changes of ownership in order, one under way at a time, and what is owned by them. Part of a membership; not thread-safe.</summary>
internal sealed class ReconciliationQueue
{
    private readonly Queue<Reconciliation> _waiting = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private Reconciliation? _current;

    /// <summary>What the consumer holds: from the start of its assignment to the end of its revocation.</summary>
    public IReadOnlyCollection<TopicPartition> Owned => _owned;

    /// <summary>Whether nothing is under way or waits.</summary>
    public bool IsIdle => _current is null && _waiting.Count == 0;

    public void Add(ReconciliationKind kind, IEnumerable<TopicPartition> partitions)
    {
        _waiting.Enqueue(new Reconciliation(kind, [.. partitions]));
        DropIdle();
    }

    /// <summary>All is lost, also what was to be assigned or revoked.</summary>
    public void LoseAll()
    {
        _waiting.Clear();
        if (_owned.Count > 0)
        {
            Add(ReconciliationKind.Lose, _owned);
        }
    }

    public Reconciliation? Take()
    {
        if (_current is not null || !_waiting.TryDequeue(out Reconciliation? next))
        {
            return null;
        }

        if (next.Kind == ReconciliationKind.Assign)
        {
            _owned.UnionWith(next.Partitions);
            return _current = next;
        }

        return _current = next with { Partitions = [.. next.Partitions.Where(_owned.Contains)] };
    }

    public void Done()
    {
        if (_current is { Kind: not ReconciliationKind.Assign } gone)
        {
            _owned.ExceptWith(gone.Partitions);
        }

        _current = null;
        DropIdle();
    }

    /// <summary>What was given up meanwhile cannot be given up again. Nobody may wait for that: it would not be carried out, and nobody woken.</summary>
    private void DropIdle()
    {
        while (_current is null && _waiting.TryPeek(out Reconciliation? next) && next.Kind != ReconciliationKind.Assign && !next.Partitions.Any(_owned.Contains))
        {
            _waiting.Dequeue();
        }
    }
}
