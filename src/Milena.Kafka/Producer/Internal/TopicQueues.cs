using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The queues of one topic's partitions, the partition that records without a key stay with, and the line of those who wait.</summary>
/// <remarks>
/// The array only grows and is replaced as a whole; the gate guards its growth and the choice of the partition to stay with. It may be held when the gate
/// of a queue is taken, never the other way round.
/// </remarks>
internal sealed class TopicQueues
{
    // How many queues are looked at for each choice, on the average: with thousands of partitions a look at all would cost as much as a batch.
    private const int LooksPerChoice = 32;

    private readonly Lock _gate = new();
    private readonly PartitionLoad _load = new();
    private readonly Random _random;
    private readonly ProducerOptions _options;
    private readonly ProducerClock _clock;
    private PartitionQueue[] _queues = [];
    private int[] _available = [];
    private ClusterSnapshot? _seen;
    private int _choicesLeft;
    private int _sticky;
    private long _leaveAt;

    /// <summary>Makes one without queues.</summary>
    /// <param name="name">The topic's name.</param>
    /// <param name="random">Chance, shared with others: it is locked while used.</param>
    /// <param name="options">The producer's options.</param>
    /// <param name="clock">The producer's clock.</param>
    public TopicQueues(string name, Random random, ProducerOptions options, ProducerClock clock)
    {
        Name = name;
        _random = random;
        _options = options;
        _clock = clock;
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

    /// <summary>
    /// A record without a key needs a new batch in the partition that it was to stay with: goes on to another one if <see cref="ProducerOptions.BatchSize"/>
    /// bytes were produced to it since it was chosen, or would be with this record (KIP-794). A batch that was sent before it was full is no reason to leave.
    /// </summary>
    /// <param name="queue">The queue of the partition.</param>
    /// <param name="recordSize">The most bytes of the record.</param>
    /// <returns>The partition to stay with.</returns>
    public int MoveOn(PartitionQueue queue, long recordSize)
    {
        lock (_gate)
        {
            if (_sticky == queue.Partition.Partition && ProducedTo(queue) + recordSize >= _leaveAt)
            {
                Choose();
            }

            return _sticky;
        }
    }

    private static long ProducedTo(PartitionQueue queue)
    {
        using (queue.Gate.Enter())
        {
            return queue.ProducedBytes;
        }
    }

    private bool Update(ClusterSnapshot cluster)
    {
        lock (_gate)
        {
            if (cluster.FindTopic(Name) is { Error: Protocol.ErrorCode.None } topic)
            {
                // A topic that was made anew with fewer partitions keeps the old queues until they are empty; nothing new goes there.
                PartitionQueue[] queues =
                    [.. Enumerable.Range(0, topic.Partitions.Count).Select(p => p < _queues.Length ? _queues[p] : new PartitionQueue(new TopicPartition(Name, p), _options.Idempotence))];
                bool isFirst = _queues.Length == 0;
                _available = [.. topic.Partitions.Where(p => p.LeaderId >= 0 && p.Partition < queues.Length).Select(p => p.Partition)];
                _choicesLeft = 0;
                Volatile.Write(ref _queues, queues);
                if (queues.Length > 0 && (isFirst || (_available.Length > 0 && Array.IndexOf(_available, _sticky) < 0) || _sticky >= queues.Length))
                {
                    Choose();
                }
            }

            Volatile.Write(ref _seen, cluster);
            return _queues.Length > 0;
        }
    }

    private void Choose()
    {
        if (--_choicesLeft <= 0)
        {
            Look();
            _choicesLeft = _options.AdaptivePartitioning ? _load.Count / LooksPerChoice : int.MaxValue;
        }

        int chosen;
        lock (_random)
        {
            chosen = _load.Choose(_random);
        }

        _leaveAt = ProducedTo(_queues[chosen]) + _options.BatchSize;
        Volatile.Write(ref _sticky, chosen);
    }

    /// <summary>Looks at the queues of all partitions that have a leader whose broker takes requests; if there is none, one is as good as the other.</summary>
    private void Look()
    {
        bool mindsBrokers = _options.AdaptivePartitioning && _options.PartitionAvailabilityTimeout > TimeSpan.Zero;
        TimeSpan latest = mindsBrokers ? _clock.Now - _options.PartitionAvailabilityTimeout : TimeSpan.MinValue;
        _load.Clear();
        foreach (int partition in _available)
        {
            if (!mindsBrokers || _queues[partition].Sender is not { } sender || sender.BusySince >= latest)
            {
                Add(partition);
            }
        }

        if (_load.Count == 0)
        {
            bool hasLeaders = _available.Length > 0;
            for (int i = 0; i < (hasLeaders ? _available.Length : _queues.Length); i++)
            {
                Add(hasLeaders ? _available[i] : i);
            }
        }
    }

    private void Add(int partition) => _load.Add(partition, _options.AdaptivePartitioning ? _queues[partition].ApproximateLength : 0);
}
