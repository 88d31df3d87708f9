namespace Milena.Kafka.Consumer.Internal;

/// <summary>The offsets at which a reading up to the end stops, and which partitions have not come there yet.</summary>
internal sealed class EndOffsets
{
    private readonly Dictionary<TopicPartition, long> _open;

    public EndOffsets(Dictionary<TopicPartition, long> ends) => _open = ends;

    /// <summary>Whether all partitions are at their end.</summary>
    public bool AreReached(FetchState state)
    {
        foreach (TopicPartition partition in _open.Keys.ToList())
        {
            IsReached(state, partition);
        }

        return _open.Count == 0;
    }

    /// <summary>Notes how far a partition is.</summary>
    /// <returns>Whether all partitions are at their end.</returns>
    public bool IsReached(FetchState state, TopicPartition partition)
    {
        if (_open.TryGetValue(partition, out long end) && state.HasReached(partition, end))
        {
            _open.Remove(partition);
        }

        return _open.Count == 0;
    }
}
