namespace Milena.Kafka.Producer.Internal;

/// <summary>The records of one topic that wait for metadata or room, in order of arrival. Any thread; one at a time serves it.</summary>
/// <remarks>
/// While one waits, later ones of the topic stand behind it, or they would overtake. Whoever finds the line empty serves it until it is empty again:
/// what was held up goes on in one sweep, not by a wake-up for each record.
/// </remarks>
internal sealed class RecordLine
{
    private readonly Lock _gate = new();
    private readonly Queue<WaitingRecord> _records = new();
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Serving only: the record whose turn it is.</summary>
    public WaitingRecord First
    {
        get
        {
            lock (_gate)
            {
                return _records.Peek();
            }
        }
    }

    /// <summary>Puts a record at the end.</summary>
    /// <returns>Whether the line was empty, and the caller has to serve it.</returns>
    public bool Add(WaitingRecord record)
    {
        lock (_gate)
        {
            _records.Enqueue(record);
            Volatile.Write(ref _count, _records.Count);
            return _records.Count == 1;
        }
    }

    /// <summary>Serving only: the first has had its turn.</summary>
    /// <returns>Whether there are more.</returns>
    public bool RemoveFirst()
    {
        lock (_gate)
        {
            _records.Dequeue();
            Volatile.Write(ref _count, _records.Count);
            return _records.Count > 0;
        }
    }
}
