namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>
/// Which records of one partition are in work, and up to where all are finished, though they finish in any order. Decides only; not thread-safe.
/// </summary>
internal sealed class OffsetTracker
{
    private readonly Queue<long> _begun = new();
    private readonly HashSet<long> _finishedEarly = [];

    /// <summary>Records that have begun, from the first one that is not finished on.</summary>
    public int Count => _begun.Count;

    /// <summary>The first record that is not finished; null if all that were begun are.</summary>
    public long? Oldest => _begun.TryPeek(out long oldest) ? oldest : null;

    /// <summary>A record has begun. Offsets rise, with gaps where the log has them.</summary>
    public void Begin(long offset) => _begun.Enqueue(offset);

    /// <summary>A record that had begun is finished.</summary>
    public void Finish(long offset)
    {
        _finishedEarly.Add(offset);
        while (_begun.TryPeek(out long oldest) && _finishedEarly.Remove(oldest))
        {
            _begun.Dequeue();
        }
    }
}
