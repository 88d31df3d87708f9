namespace Milena.Kafka.Testing.State;

/// <summary>Which transactions are open in a partition and which were aborted (KIP-98). Guarded by the partition.</summary>
internal sealed class TransactionIndex
{
    private readonly SortedSet<long> _open = [];

    // In the order of their markers.
    private readonly List<AbortedTransaction> _aborted = [];

    /// <summary>The first record of the oldest open transaction; null if none is open.</summary>
    public long? FirstOpenOffset => _open.Count > 0 ? _open.Min : null;

    /// <summary>The aborted transactions whose markers are still there.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted => [.. _aborted];

    /// <summary>Forgets aborted transactions whose markers are gone: a reader would wait for them, and leave out what the producer wrote later.</summary>
    public void Forget(IReadOnlyCollection<long> markers) => _aborted.RemoveAll(transaction => markers.Contains(transaction.LastOffset));

    public void Open(long firstOffset) => _open.Add(firstOffset);

    public void Close(long producerId, long firstOffset, long markerOffset, bool isCommit)
    {
        _open.Remove(firstOffset);
        if (!isCommit)
        {
            _aborted.Add(new AbortedTransaction(producerId, firstOffset, markerOffset, FirstOpenOffset ?? markerOffset + 1));
        }
    }

    /// <summary>The aborted transactions that have records or their marker in a stretch of the log, by their first offset.</summary>
    public IReadOnlyList<AbortedTransaction> Between(long from, long before)
    {
        int low = 0;
        int high = _aborted.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _aborted[middle].LastOffset < from ? (middle + 1, high) : (low, middle);
        }

        var found = new List<AbortedTransaction>();
        for (int i = low; i < _aborted.Count; i++)
        {
            AbortedTransaction aborted = _aborted[i];
            if (aborted.FirstOffset < before)
            {
                found.Add(aborted);
            }

            // No later marker can be of a transaction that begins before this offset.
            if (aborted.LastStableOffset >= before)
            {
                break;
            }
        }

        found.Sort((one, other) => one.FirstOffset.CompareTo(other.FirstOffset));
        return found;
    }

    public void Clear()
    {
        _open.Clear();
        _aborted.Clear();
    }
}
