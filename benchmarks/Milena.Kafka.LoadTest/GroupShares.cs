namespace Milena.Kafka.LoadTest;

/// <summary>How many partitions each member of a group has, as their rebalance listeners are told.</summary>
internal sealed class GroupShares
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IRebalanceListener ListenerOf(string member) => new Listener(this, member);

    /// <summary>Waits for the shares to be as wanted; members without any are left out.</summary>
    public async Task UntilAsync(Func<IReadOnlyCollection<int>, bool> isWanted)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
                if (isWanted([.. _counts.Values.Where(c => c > 0)]))
                {
                    return;
                }
            }

            await changed;
        }
    }

    private ValueTask Change(string member, int difference)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _counts[member] = _counts.GetValueOrDefault(member) + difference;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        return ValueTask.CompletedTask;
    }

    private sealed class Listener(GroupShares shares, string member) : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => shares.Change(member, partitions.Count);

        public ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => shares.Change(member, -partitions.Count);

        public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => shares.Change(member, -partitions.Count);
    }
}
