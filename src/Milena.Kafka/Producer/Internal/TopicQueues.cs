using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The queues of one topic's partitions, the partition that records without a key stay with, and the line of those who wait.</summary>
/// <remarks>The array only grows and is replaced as a whole; the gate guards its growth.</remarks>
internal sealed class TopicQueues
{
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly bool _isIdempotent;
    private PartitionQueue[] _queues = [];
    private int[] _available = [];
    private ClusterSnapshot? _seen;
    private int _sticky;

    public TopicQueues(string name, Random random, bool isIdempotent)
    {
        Name = name;
        _random = random;
        _isIdempotent = isIdempotent;
    }

    public string Name { get; }

    /// <summary>The records that wait for metadata or room.</summary>
    public RecordLine Line { get; } = new();

    /// <summary>The queues by partition, as of the last metadata.</summary>
    public PartitionQueue[] Queues => Volatile.Read(ref _queues);

    /// <summary>The partition that records without a key stay with.</summary>
    public int Sticky => Volatile.Read(ref _sticky);

    /// <summary>Takes in metadata if it has changed.</summary>
    /// <returns>Whether the partitions are known.</returns>
    public bool TryUpdate(ClusterSnapshot cluster)
    {
        return ReferenceEquals(Volatile.Read(ref _seen), cluster) ? _queues.Length > 0 : Update(cluster);
    }

    /// <summary>Leaves the partition whose batch was closed for another one that has a leader (KIP-480).</summary>
    public int MoveOn(int partition)
    {
        lock (_gate)
        {
            if (_sticky == partition)
            {
                _sticky = ChooseOther(partition);
            }

            return _sticky;
        }
    }

    private bool Update(ClusterSnapshot cluster)
    {
        lock (_gate)
        {
            if (cluster.FindTopic(Name) is { Error: Protocol.ErrorCode.None } topic)
            {
                _available = [.. topic.Partitions.Where(p => p.LeaderId >= 0).Select(p => p.Partition)];
                bool isFirst = _queues.Length == 0;

                // A topic that was made anew with fewer partitions keeps the old queues until they are empty; nothing new goes there.
                Volatile.Write(ref _queues, [.. Enumerable.Range(0, topic.Partitions.Count).Select(p => p < _queues.Length ? _queues[p] : new PartitionQueue(new TopicPartition(Name, p), _isIdempotent))]);
                if (isFirst || _sticky >= _queues.Length)
                {
                    _sticky = ChooseOther(-1);
                }
            }

            Volatile.Write(ref _seen, cluster);
            return _queues.Length > 0;
        }
    }

    private int ChooseOther(int partition)
    {
        int count = _available.Length > 0 ? _available.Length : _queues.Length;
        if (count <= 1)
        {
            return _available.Length > 0 ? _available[0] : 0;
        }

        int place = Next(count);
        int chosen = _available.Length > 0 ? _available[place] : place;
        if (chosen == partition)
        {
            place = (place + 1 + Next(count - 1)) % count;
            chosen = _available.Length > 0 ? _available[place] : place;
        }

        return chosen;
    }

    private int Next(int bound)
    {
        lock (_random)
        {
            return _random.Next(bound);
        }
    }
}
