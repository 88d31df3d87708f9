namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>
/// What a KIP-848 coordinator gives a member, what the member holds of it, and the next step from the one to the other: first what goes is given up, then what is
/// new is taken. Part of a membership; not thread-safe.
/// </summary>
internal sealed class ConsumerAssignment
{
    private readonly ReconciliationQueue _changes = new();
    private readonly TopicNames _names = new();
    private readonly Dictionary<TopicPartition, Guid> _heldAs = [];
    private HashSet<TopicIdPartition> _target = [];

    /// <summary>What the consumer holds: from the start of its assignment to the end of its revocation.</summary>
    public IReadOnlyCollection<TopicPartition> Owned => _changes.Owned;

    /// <summary>Whether no change of ownership is under way or waits.</summary>
    public bool IsIdle => _changes.IsIdle;

    /// <summary>The ids of topics that are given and whose names are not known.</summary>
    public IReadOnlyCollection<Guid> UnknownTopics => [.. _target.Select(p => p.TopicId).Distinct().Where(id => !_names.Knows(id))];

    /// <summary>
    /// What the coordinator must not give to others: what is held, and what may be taken at any moment. If only the former were told, the coordinator could give away
    /// what is being taken just then.
    /// </summary>
    public IReadOnlySet<TopicIdPartition> Claimed => _changes.Owned.Select(p => new TopicIdPartition(_heldAs[p], p.Partition)).Concat(_target).ToHashSet();

    public void Aim(IEnumerable<TopicIdPartition> target) => _target = [.. target];

    public void Learn(IReadOnlyDictionary<string, AssignableTopic> topics) => _names.Learn(topics);

    /// <summary>All is lost, also what was to be taken or given up.</summary>
    public void LoseAll()
    {
        _target = [];
        _changes.LoseAll();
    }

    /// <summary>All is to be given up in good order, and nothing taken any more.</summary>
    public void RevokeAll()
    {
        _target = [];
        _changes.Add(ReconciliationKind.Revoke, _changes.Owned);
    }

    /// <summary>The next change to carry out; null if there is none, or one is under way.</summary>
    public Reconciliation? Take()
    {
        // Decided only now: what waited in a line could have been taken back by the coordinator meanwhile.
        if (_changes.IsIdle)
        {
            Plan();
        }

        return _changes.Take();
    }

    public void Done()
    {
        _changes.Done();
        foreach (TopicPartition gone in _heldAs.Keys.Where(p => !_changes.Owned.Contains(p)).ToList())
        {
            _heldAs.Remove(gone);
        }
    }

    private void Plan()
    {
        var wanted = new Dictionary<TopicPartition, Guid>();
        foreach (TopicIdPartition partition in _target)
        {
            if (_names.Find(partition) is { } named)
            {
                wanted[named] = partition.TopicId;
            }
        }

        TopicPartition[] gone = [.. _changes.Owned.Where(p => wanted.GetValueOrDefault(p) != _heldAs[p])];
        TopicPartition[] added = [.. wanted.Keys.Where(p => !_heldAs.ContainsKey(p))];
        TopicPartition[] deleted = [.. gone.Where(p => !_names.Knows(_heldAs[p]))];
        if (deleted.Length > 0)
        {
            // A topic of that name was made anew: a commit for the old one would go to the new.
            _changes.Add(ReconciliationKind.Lose, deleted);
        }
        else if (gone.Length > 0)
        {
            _changes.Add(ReconciliationKind.Revoke, gone);
        }
        else if (added.Length > 0)
        {
            foreach (TopicPartition partition in added)
            {
                _heldAs[partition] = wanted[partition];
            }

            _changes.Add(ReconciliationKind.Assign, added);
        }
    }
}
