using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups;

/// <summary>
/// The groups of the cluster. Every broker sees them, as if it had read the log of another that failed, but serves only those that are
/// its own. Thread-safe.
/// </summary>
internal sealed class GroupCoordinator(ClusterState cluster) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ClassicGroup> _groups = new(StringComparer.Ordinal);

    /// <summary>Finds a group that the receiving broker looks after.</summary>
    public ClassicGroup? Find(string groupId)
    {
        lock (_gate)
        {
            return _groups.GetValueOrDefault(groupId);
        }
    }

    public ClassicGroup FindOrCreate(string groupId)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out ClassicGroup? group))
            {
                _groups[groupId] = group = new ClassicGroup(groupId, cluster.Time, cluster.Options.GroupInitialRebalanceDelay, cluster.NextGuid);
            }

            return group;
        }
    }

    /// <summary>Whether a group id is one, and the receiving broker looks after it.</summary>
    public ErrorCode Check(string groupId, RequestContext context)
    {
        if (groupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (context.GroupRefusal(groupId) is { } refusal)
        {
            return refusal;
        }

        return cluster.Coordinator(groupId)?.Id == context.Broker.Id ? ErrorCode.None : ErrorCode.NotCoordinator;
    }

    public IReadOnlyList<ClassicGroup> GroupsOf(BrokerState broker)
    {
        lock (_gate)
        {
            return [.. _groups.Values.Where(group => cluster.Coordinator(group.Id)?.Id == broker.Id)];
        }
    }

    public ErrorCode Delete(string groupId)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out ClassicGroup? group))
            {
                return ErrorCode.GroupIdNotFound;
            }

            ErrorCode error = group.Delete();
            if (error == ErrorCode.None)
            {
                _groups.Remove(groupId);
            }

            return error;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ClassicGroup group in _groups.Values)
            {
                group.Dispose();
            }
        }
    }
}
