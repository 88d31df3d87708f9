using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Transactions;

/// <summary>
/// The transactional ids of the cluster. Every broker sees them, as if it had read the log of another that failed, but serves only those that are
/// its own. Thread-safe.
/// </summary>
internal sealed class TransactionCoordinator(ClusterState cluster, GroupCoordinator groups, Incidents incidents) : IDisposable
{
    private const int FirstVersionThatBumps = 2;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, CoordinatedTransaction> _transactions = new(StringComparer.Ordinal);
    private volatile int _version = cluster.Options.TransactionVersion;
    private long _featureEpoch;

    public CompletionHolds Holds { get; } = new();

    /// <summary>The level of the feature <c>transaction.version</c>.</summary>
    public int Version
    {
        get => _version;
        set
        {
            lock (_gate)
            {
                _featureEpoch += _version == value ? 0 : 1;
                _version = value;
            }
        }
    }

    /// <summary>How often the level has changed.</summary>
    public long FeatureEpoch
    {
        get
        {
            lock (_gate)
            {
                return _featureEpoch;
            }
        }
    }

    /// <summary>Whether the client may do to a transactional id what it asks for, and the receiving broker looks after it.</summary>
    public ErrorCode Check(string? transactionalId, RequestContext context)
    {
        if (string.IsNullOrEmpty(transactionalId))
        {
            return ErrorCode.InvalidRequest;
        }

        if (context.TransactionalIdRefusal(transactionalId) is { } refusal)
        {
            return refusal;
        }

        return cluster.TransactionCoordinator(transactionalId)?.Id == context.Broker.Id ? ErrorCode.None : ErrorCode.NotCoordinator;
    }

    public CoordinatedTransaction? Find(string transactionalId)
    {
        lock (_gate)
        {
            return _transactions.GetValueOrDefault(transactionalId);
        }
    }

    public CoordinatedTransaction FindOrCreate(string transactionalId)
    {
        lock (_gate)
        {
            if (!_transactions.TryGetValue(transactionalId, out CoordinatedTransaction? transaction))
            {
                _transactions[transactionalId] = transaction = new CoordinatedTransaction(
                    transactionalId, cluster, groups, Holds, () => _version >= FirstVersionThatBumps, Continue);
            }

            return transaction;
        }
    }

    public IReadOnlyList<CoordinatedTransaction> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _transactions.Values];
            }
        }
    }

    private bool VerifiesPartitions => bool.Parse(cluster.Configs.ValueOfBrokers(BrokerSchema.PartitionVerification));

    public IEnumerable<CoordinatedTransaction> OwnedBy(BrokerState broker) => All.Where(transaction => cluster.TransactionCoordinator(transaction.Id)?.Id == broker.Id);

    /// <summary>Has something written to a partition in a transaction, as the leader of the partition does after it has asked the coordinator.</summary>
    /// <returns>The coordinator's error; with none, it was written.</returns>
    public ErrorCode Write(in TransactionCall call, string topic, int partition, Action write)
    {
        if (!call.Enrols && !VerifiesPartitions)
        {
            write();
            return ErrorCode.None;
        }

        ErrorCode error = FindFor(call, out CoordinatedTransaction? transaction);
        return error == ErrorCode.None ? transaction!.Write(call, topic, partition, write) : error;
    }

    /// <summary>Has positions stored in a transaction, as the coordinator of the group does after it has asked that of the transaction.</summary>
    /// <returns>The coordinator's error; with none, they were stored.</returns>
    public ErrorCode WriteOffsets(in TransactionCall call, string groupId, Action write)
    {
        if (!call.Enrols && !VerifiesPartitions)
        {
            write();
            return ErrorCode.None;
        }

        ErrorCode error = FindFor(call, out CoordinatedTransaction? transaction);
        return error == ErrorCode.None ? transaction!.WriteOffsets(call, groupId, write) : error;
    }

    /// <summary>Lets transactions know whose broker has stopped, has come back or has been changed, and which partitions have a leader again.</summary>
    public void FollowCoordinators()
    {
        foreach (CoordinatedTransaction transaction in All)
        {
            transaction.FollowCoordinator();
        }
    }

    /// <summary>Goes on with all that had to wait.</summary>
    public void ContinueAll()
    {
        foreach (CoordinatedTransaction transaction in All)
        {
            Continue(transaction);
        }
    }

    public bool Expire(string transactionalId)
    {
        lock (_gate)
        {
            return _transactions.TryGetValue(transactionalId, out CoordinatedTransaction? transaction)
                && transaction.TryExpire()
                && _transactions.Remove(transactionalId);
        }
    }

    public void Dispose()
    {
        foreach (CoordinatedTransaction transaction in All)
        {
            transaction.Dispose();
        }
    }

    private ErrorCode FindFor(in TransactionCall call, out CoordinatedTransaction? transaction)
    {
        transaction = Find(call.TransactionalId);
        return cluster.TransactionCoordinator(call.TransactionalId) is null ? ErrorCode.CoordinatorNotAvailable
            : transaction is null ? ErrorCode.InvalidProducerIdMapping
            : ErrorCode.None;
    }

    private void Continue(CoordinatedTransaction transaction)
    {
        try
        {
            transaction.Continue();
        }
        catch (Exception exception)
        {
            // On the thread of a timer nobody else would learn of it.
            incidents.AddError(exception);
        }
    }
}
