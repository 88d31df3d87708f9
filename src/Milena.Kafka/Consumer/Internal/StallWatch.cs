namespace Milena.Kafka.Consumer.Internal;

/// <summary>Tells which partitions have not moved though there is, or may be, something to read, and whether the membership has not settled. Decides only; looked at once per interval.</summary>
internal sealed class StallWatch
{
    /// <summary>Looks without movement before it is told.</summary>
    private const int Patience = 2;

    private readonly Dictionary<TopicPartition, (long? Position, int Looks)> _seen = [];
    private int _unsettledLooks;

    /// <summary>Looks at all partitions.</summary>
    /// <returns>Those that have stood still for two intervals, told once until they move.</returns>
    public List<PartitionStatus> Look(IReadOnlyCollection<PartitionStatus> partitions)
    {
        var stalled = new List<PartitionStatus>();
        var assigned = new HashSet<TopicPartition>();
        foreach (PartitionStatus status in partitions)
        {
            assigned.Add(status.Partition);
            bool hasSeen = _seen.TryGetValue(status.Partition, out (long? Position, int Looks) last);
            bool isStill = hasSeen && last.Position == status.Position && !IsContent(status);
            int looks = isStill ? last.Looks + 1 : 0;
            _seen[status.Partition] = (status.Position, looks);
            if (looks == Patience)
            {
                stalled.Add(status);
            }
        }

        foreach (TopicPartition gone in _seen.Keys.Where(p => !assigned.Contains(p)).ToList())
        {
            _seen.Remove(gone);
        }

        return stalled;
    }

    /// <summary>Looks at the membership in the group.</summary>
    /// <param name="isSettled">Whether it is joined and has no change of its partitions under way.</param>
    /// <returns>Whether it has not settled for two intervals, told once until it does.</returns>
    public bool LookAtGroup(bool isSettled)
    {
        _unsettledLooks = isSettled ? 0 : _unsettledLooks + 1;
        return _unsettledLooks == Patience + 1;
    }

    /// <summary>At its end, or paused by the program: as it should be.</summary>
    private static bool IsContent(PartitionStatus status) =>
        (status.WaitingFor == PartitionWait.Data && status.Lag is null or 0) || (status.PausedBy & (PauseReasons.User | PauseReasons.Delay)) != 0;
}
