namespace Milena.Kafka.Testing.State;

/// <summary>
/// Which broker coordinates what: keys fall into slots, as into the partitions of <c>__consumer_offsets</c> or
/// <c>__transaction_state</c>, and each slot has a leader. Guarded by <see cref="ClusterState"/>.
/// </summary>
internal sealed class CoordinatorSlots
{
    private const int Count = 50;

    private readonly int?[] _leaders = new int?[Count];
    private readonly int[] _preferred = new int[Count];

    public int? LeaderOf(string key) => _leaders[SlotOf(key)];

    /// <summary>Gives all brokers their share.</summary>
    /// <param name="brokers">The brokers.</param>
    /// <param name="first">Which of them leads the first slot.</param>
    public void Spread(IReadOnlyList<int> brokers, int first = 0)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            _preferred[slot] = brokers[(slot + first) % brokers.Count];
            _leaders[slot] = _preferred[slot];
        }
    }

    public void Move(string key, int broker) => _leaders[SlotOf(key)] = _preferred[SlotOf(key)] = broker;

    /// <summary>Gives slots whose leader does not run to one that does, and back to the preferred one when it runs again.</summary>
    public void Elect(IReadOnlyList<int> alive)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            _leaders[slot] = alive.Contains(_preferred[slot]) ? _preferred[slot] : alive.Count > 0 ? alive[slot % alive.Count] : null;
        }
    }

    /// <summary>As Java's String.hashCode, so that a key falls into the slot that it falls into in Kafka.</summary>
    public static int SlotOf(string key)
    {
        int hash = 0;
        foreach (char c in key)
        {
            hash = unchecked((31 * hash) + c);
        }

        return (hash & int.MaxValue) % Count;
    }
}
