using System.Collections.Concurrent;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Remembers which broker coordinates which group or transaction, until that broker says otherwise.</summary>
internal sealed class CoordinatorCache
{
    private readonly ConcurrentDictionary<CoordinatorKey, BrokerEndpoint> _known = new();

    public BrokerEndpoint? Find(CoordinatorKey key) => _known.GetValueOrDefault(key);

    /// <summary>The id of the broker that coordinates a group or transaction; -1 while that is not known.</summary>
    public int BrokerOf(CoordinatorKeyType type, string key) => Find(new CoordinatorKey(type, key))?.Id ?? -1;

    public void Remember(CoordinatorKey key, BrokerEndpoint coordinator) => _known[key] = coordinator;

    public void Forget(CoordinatorKey key) => _known.TryRemove(key, out _);
}
