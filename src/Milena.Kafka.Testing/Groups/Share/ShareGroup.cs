namespace Milena.Kafka.Testing.Groups.Share;

/// <summary>A share group that nobody is in, with the offsets from which it would read. Thread-safe.</summary>
internal sealed class ShareGroup(string id)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(Guid Topic, int Partition), long> _starts = [];

    public string Id { get; } = id;

    /// <summary>The partitions that have a start offset.</summary>
    public IReadOnlyList<(Guid Topic, int Partition)> Partitions
    {
        get
        {
            lock (_gate)
            {
                return [.. _starts.Keys];
            }
        }
    }

    public long? StartOf(Guid topic, int partition)
    {
        lock (_gate)
        {
            return _starts.TryGetValue((topic, partition), out long start) ? start : null;
        }
    }

    public void SetStart(Guid topic, int partition, long start)
    {
        lock (_gate)
        {
            _starts[(topic, partition)] = start;
        }
    }

    public void Forget(Guid topic)
    {
        lock (_gate)
        {
            foreach ((Guid Topic, int Partition) partition in _starts.Keys.Where(partition => partition.Topic == topic).ToArray())
            {
                _starts.Remove(partition);
            }
        }
    }
}
