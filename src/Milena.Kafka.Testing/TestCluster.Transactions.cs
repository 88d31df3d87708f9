using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing;

/// <content>Transactions, past the protocol.</content>
public sealed partial class TestCluster
{
    /// <summary>The level of the feature <c>transaction.version</c> that clients are told when they connect.</summary>
    /// <value>
    /// What <see cref="TestClusterOptions.TransactionVersion"/> says at first. With 2, producers need not enrol partitions and get a new epoch with each
    /// transaction (KIP-890 part 2). As in Kafka, the level is an offer: which generation a request belongs to is told by its version.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">The level is not from 0 to 2.</exception>
    public int TransactionVersion
    {
        get => _transactions.Version;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TestClusterOptions.HighestTransactionVersion);
            _transactions.Version = value;
        }
    }

    /// <summary>All transactional ids that the cluster knows, in order.</summary>
    public IReadOnlyList<StoredTransaction> Transactions => [.. _transactions.All.Select(transaction => transaction.Describe())];

    /// <summary>A transactional id as its coordinator knows it; <see langword="null"/> if it does not.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    public StoredTransaction? Transaction(string transactionalId)
    {
        ArgumentNullException.ThrowIfNull(transactionalId);
        return _transactions.Find(transactionalId)?.Describe();
    }

    /// <summary>The broker that coordinates a transactional id; -1 while none does.</summary>
    /// <param name="transactionalId">The transactional id. It need not be known.</param>
    public int TransactionCoordinator(string transactionalId)
    {
        ArgumentNullException.ThrowIfNull(transactionalId);
        return _state.TransactionCoordinator(transactionalId)?.Id ?? -1;
    }

    /// <summary>Gives a transactional id another coordinator, for good. A running transaction goes on there.</summary>
    /// <param name="transactionalId">The transactional id. Others that fall into the same slot of 50 move with it.</param>
    /// <param name="broker">The id of the broker.</param>
    /// <exception cref="ArgumentException">The broker does not run.</exception>
    public void MoveTransactionCoordinator(string transactionalId, int broker)
    {
        ArgumentNullException.ThrowIfNull(transactionalId);
        _state.MoveTransactionCoordinator(transactionalId, broker);
        _transactions.FollowCoordinators();
    }

    /// <summary>Keeps transactions whose end is decided from being written to their partitions.</summary>
    /// <param name="transactionalId">Only those of this id; <see langword="null"/> for all.</param>
    /// <returns>What lets them go. They are let go too by <see cref="ClearFaults"/> and when the cluster is disposed.</returns>
    public TransactionHold HoldTransactions(string? transactionalId = null)
    {
        var hold = new TransactionHold(transactionalId, _transactions.ContinueAll);
        _transactions.Holds.Add(hold);
        return hold;
    }

    /// <summary>Forgets a transactional id, as Kafka does with those that were silent for a week: its producer is told INVALID_PRODUCER_ID_MAPPING.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <returns>Whether it was forgotten: not if it is unknown or a transaction runs.</returns>
    /// <remarks>Kafka calls the week <c>transactional.id.expiration.ms</c>.</remarks>
    public bool ExpireTransactionalId(string transactionalId)
    {
        ArgumentNullException.ThrowIfNull(transactionalId);
        return _transactions.Expire(transactionalId);
    }

    /// <summary>Acts as if a transactional id had used up epochs, so that a test sees what comes after the last: another producer id.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="epoch">The present epoch from now on, at most 32,766. Its producer is fenced by that: do it between two producers.</param>
    /// <exception cref="ArgumentException">The transactional id is not known.</exception>
    /// <exception cref="InvalidOperationException">A transaction runs, or the epoch is not ahead.</exception>
    public void SkipProducerEpochs(string transactionalId, short epoch)
    {
        ArgumentNullException.ThrowIfNull(transactionalId);
        CoordinatedTransaction transaction = _transactions.Find(transactionalId)
            ?? throw new ArgumentException($"Transactional id {transactionalId} is not known.", nameof(transactionalId));
        transaction.SkipTo(epoch);
    }

    /// <summary>How far readers of committed records get: the offset of the oldest transaction that runs, else the end.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public long LastStableOffset(string topic, int partition) => _state.Partition(topic, partition).Offsets.LastStable;

    /// <summary>The position that a group has stored; those of running transactions do not count.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <returns>The position, or -1 if there is none.</returns>
    public long CommittedOffset(string groupId, string topic, int partition)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentNullException.ThrowIfNull(topic);
        return _groups.Find(groupId)?.Offsets.Find(topic, partition)?.Offset ?? -1;
    }
}
