using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// Brokers and topics of the cluster, and the one place that decides who leads what. Thread-safe: its lock guards brokers and the set of
/// topics; each <see cref="PartitionState"/> guards itself and is only ever locked inside this lock, never around it.
/// </summary>
internal sealed partial class ClusterState
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, BrokerState> _brokers = [];
    private readonly SortedDictionary<string, TopicState> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, TopicState> _topicsById = [];
    private readonly CoordinatorSlots _coordinators = new();
    private readonly CoordinatorSlots _transactionCoordinators = new();
    private readonly Random _random;
    private long _nextProducerId = 1000;
    private int _nextPlacement;
    private TopicCatalog? _catalog;
    private long _produceThrottle;

    public ClusterState(TestClusterOptions options)
    {
        Options = options;
        Time = options.TimeProvider;
        Configs = new ConfigStore(options);
        Quorum = new MetadataQuorum(Time);
        _random = new Random(options.Seed);
        ClusterId = Base64Id(NextGuid());
    }

    public TestClusterOptions Options { get; }

    public TimeProvider Time { get; }

    public string ClusterId { get; }

    /// <summary>What is set on topics, brokers, groups and so on. Read it; changes go through the cluster, which follows them.</summary>
    public ConfigStore Configs { get; }

    /// <summary>Who has a vote in the metadata quorum, and how often metadata have changed.</summary>
    public MetadataQuorum Quorum { get; }

    public IReadOnlyList<BrokerState> AliveBrokers
    {
        get
        {
            lock (_gate)
            {
                return [.. _brokers.Values.Where(broker => broker.IsAlive)];
            }
        }
    }

    /// <summary>Brokers that are registered, running or not.</summary>
    public IReadOnlyList<BrokerState> RegisteredBrokers
    {
        get
        {
            lock (_gate)
            {
                return [.. _brokers.Values.Where(broker => broker.IsRegistered)];
            }
        }
    }

    public int ControllerId => AliveBrokers is [BrokerState first, ..] ? first.Id : -1;

    public IReadOnlyList<TopicState> Topics
    {
        get
        {
            lock (_gate)
            {
                return [.. _topics.Values];
            }
        }
    }

    /// <summary>The topics as groups see them: the same object as long as they do not change.</summary>
    public TopicCatalog Catalog
    {
        get
        {
            lock (_gate)
            {
                return _catalog ??= new TopicCatalog(_topics.Values.Select(topic => new CatalogTopic(topic.Name, topic.Id, topic.Partitions.Count)));
            }
        }
    }

    public void AddBroker(BrokerState broker)
    {
        lock (_gate)
        {
            _brokers.Add(broker.Id, broker);
            Configs.AddBroker(broker);
            Quorum.AddBroker(broker);
            _coordinators.Spread([.. _brokers.Keys]);
            _transactionCoordinators.Spread([.. _brokers.Keys], first: 1);
        }
    }

    public BrokerState? AliveBroker(int id)
    {
        lock (_gate)
        {
            return _brokers.TryGetValue(id, out BrokerState? broker) && broker.IsAlive ? broker : null;
        }
    }

    /// <summary>How long answers to Produce ask a client to be silent (KIP-219).</summary>
    public TimeSpan ProduceThrottle
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _produceThrottle));
        set => Volatile.Write(ref _produceThrottle, value.Ticks);
    }

    public bool IsAlive(int brokerId) => AliveBroker(brokerId) is not null;

    public TopicState? Topic(string name)
    {
        lock (_gate)
        {
            return _topics.GetValueOrDefault(name);
        }
    }

    public TopicState? Topic(Guid id)
    {
        lock (_gate)
        {
            return _topicsById.GetValueOrDefault(id);
        }
    }

    public PartitionState Partition(string topic, int partition) =>
        Topic(topic)?.Partition(partition) ?? throw new ArgumentException($"The cluster has no partition {topic}-{partition}.");

    public long NextProducerId() => Interlocked.Increment(ref _nextProducerId) - 1;

    public int NextSessionId()
    {
        lock (_gate)
        {
            return _random.Next(1, int.MaxValue);
        }
    }

    public Guid NextGuid()
    {
        lock (_gate)
        {
            Span<byte> bytes = stackalloc byte[16];
            _random.NextBytes(bytes);
            return new Guid(bytes);
        }
    }

    /// <summary>The broker that looks after a group: the leader of the slot that its id falls into.</summary>
    public BrokerState? Coordinator(string key)
    {
        lock (_gate)
        {
            return LeaderOf(_coordinators, key);
        }
    }

    /// <summary>The broker that looks after a transactional id.</summary>
    public BrokerState? TransactionCoordinator(string transactionalId)
    {
        lock (_gate)
        {
            return LeaderOf(_transactionCoordinators, transactionalId);
        }
    }

    /// <summary>Gives all groups of the slot of a group to another broker.</summary>
    public void MoveCoordinator(string key, int brokerId)
    {
        lock (_gate)
        {
            RequireAlive(brokerId);
            _coordinators.Move(key, brokerId);
        }
    }

    /// <summary>Gives all transactional ids of the slot of one to another broker.</summary>
    public void MoveTransactionCoordinator(string transactionalId, int brokerId)
    {
        lock (_gate)
        {
            RequireAlive(brokerId);
            _transactionCoordinators.Move(transactionalId, brokerId);
        }
    }

    /// <summary>Checks a new topic and, unless it is only to be checked, creates it.</summary>
    /// <param name="wanted">The topic.</param>
    /// <param name="validateOnly">Whether it is only to be checked.</param>
    /// <param name="admit">What speaks against that many partitions now, though nothing is wrong with them.</param>
    public (TopicState? Topic, Refusal? Fault) CreateTopic(NewTopic wanted, bool validateOnly, Func<int, Refusal?>? admit = null)
    {
        lock (_gate)
        {
            IReadOnlyList<IReadOnlyList<int>> assignments = [];
            if (TopicName.Fault(wanted.Name) is { } nameFault)
            {
                return (null, new Refusal(ErrorCode.InvalidTopicException, nameFault));
            }

            if (_topics.ContainsKey(wanted.Name))
            {
                return (null, new Refusal(ErrorCode.TopicAlreadyExists, $"Topic '{wanted.Name}' already exists."));
            }

            var key = new ConfigKey(ConfigResourceType.Topic, wanted.Name);
            Refusal? fault = ConfigRefusal(wanted, out Dictionary<string, string> set) ?? Place(wanted, factor: null, out assignments) ?? admit?.Invoke(assignments.Count);
            if (fault is not null)
            {
                return (null, fault);
            }

            var topic = new TopicState(wanted.Name, NextGuid(), ConfigsOf(set), assignments, replicas => Elect(replicas, 0));
            if (!validateOnly)
            {
                Configs.Alter(key, [.. set.Select(entry => new ConfigEdit(entry.Key, AlterConfigOp.Set, entry.Value))], validateOnly: false);
                _topics.Add(topic.Name, topic);
                _topicsById.Add(topic.Id, topic);
                _catalog = null;
                Quorum.Note();
            }

            return (topic, null);
        }
    }

    /// <summary>Gives a topic more partitions, unless something speaks against it or it is only to be checked.</summary>
    public Refusal? AddPartitions(TopicState topic, int total, IReadOnlyList<IReadOnlyList<int>>? given, bool validateOnly, Func<int, Refusal?>? admit = null)
    {
        lock (_gate)
        {
            int more = total - topic.Partitions.Count;
            if (more <= 0)
            {
                return new Refusal(ErrorCode.InvalidPartitions, more == 0
                    ? $"Topic already has {total} partition(s)."
                    : $"The topic {topic.Name} currently has {topic.Partitions.Count} partition(s); {total} would not be an increase.");
            }

            if (given is not null && given.Count != more)
            {
                return new Refusal(ErrorCode.InvalidReplicaAssignment, $"Attempted to add {more} additional partition(s), but only {given.Count} assignment(s) were specified.");
            }

            int factor = topic.Partitions[0].Leadership.Replicas.Count;
            if ((Place(new NewTopic(topic.Name, more, factor, given, []), factor, out IReadOnlyList<IReadOnlyList<int>> assignments) ?? admit?.Invoke(more)) is { } refusal)
            {
                return refusal;
            }

            if (!validateOnly)
            {
                topic.Add(assignments, replicas => Elect(replicas, 0));
                _catalog = null;
                Quorum.Note();
            }

            return null;
        }
    }

    public bool DeleteTopic(TopicState topic)
    {
        lock (_gate)
        {
            if (!_topicsById.Remove(topic.Id))
            {
                return false;
            }

            _topics.Remove(topic.Name);
            Configs.Remove(new ConfigKey(ConfigResourceType.Topic, topic.Name));
            _catalog = null;
            Quorum.Note();
            foreach (PartitionState partition in topic.Partitions)
            {
                partition.Delete();
            }

            return true;
        }
    }

    public void MoveLeader(PartitionState partition, int brokerId)
    {
        lock (_gate)
        {
            RequireAlive(brokerId);
            Leadership current = partition.Leadership;
            IReadOnlyList<int> replicas = current.Replicas.Contains(brokerId) ? current.Replicas : [brokerId, .. current.Replicas.Skip(1)];
            partition.Lead(new Leadership(brokerId, current.Epoch, replicas, InSync(replicas)));
        }
    }

    /// <summary>Marks a broker as stopped or started and elects leaders anew where that matters.</summary>
    public void SetAlive(int brokerId, bool isAlive)
    {
        lock (_gate)
        {
            int controller = ControllerId;
            _brokers[brokerId].IsAlive = isAlive;
            _brokers[brokerId].IsRegistered |= isAlive;
            Quorum.Follow(brokerId, isAlive, ControllerId != controller);
            int[] alive = [.. _brokers.Values.Where(broker => broker.IsAlive).Select(broker => broker.Id)];
            _coordinators.Elect(alive);
            _transactionCoordinators.Elect(alive);
            foreach (PartitionState partition in _topics.Values.SelectMany(topic => topic.Partitions))
            {
                TopicConfigs configs = partition.Topic.Configs;
                Leadership current = partition.Leadership;
                Leadership next = isAlive ? current.WithStarted(brokerId, configs.MinInSyncReplicas, configs.UncleanLeaderElection) : current.WithStopped(brokerId, configs.MinInSyncReplicas);
                if (next.Leader < 0 && configs.UncleanLeaderElection)
                {
                    next = next.WithUncleanLeader(id => _brokers[id].IsAlive) ?? next;
                }

                if (!ReferenceEquals(next, current))
                {
                    partition.Lead(next);
                }
            }
        }
    }

    private BrokerState? LeaderOf(CoordinatorSlots slots, string key) => slots.LeaderOf(key) is { } id && _brokers[id].IsAlive ? _brokers[id] : null;

    private void RequireAlive(int brokerId)
    {
        if (!_brokers.TryGetValue(brokerId, out BrokerState? broker) || !broker.IsAlive)
        {
            throw new ArgumentException($"Broker {brokerId} does not run.", nameof(brokerId));
        }
    }

    private static string Base64Id(Guid id) => Convert.ToBase64String(id.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Chooses the brokers of partitions, or looks at those that are given.</summary>
    private Refusal? Place(NewTopic wanted, int? factor, out IReadOnlyList<IReadOnlyList<int>> assignments)
    {
        assignments = wanted.Assignments ?? [];
        if (wanted.Assignments is not { } given)
        {
            return Choose(wanted, out assignments);
        }

        return AssignmentRefusal(given, factor) ?? (given.All(replicas => replicas.Any(IsServing))
            ? null
            : new Refusal(ErrorCode.InvalidReplicaAssignment, "All brokers specified in the manual partition assignment are fenced or in controlled shutdown."));
    }

    /// <summary>What is wrong with brokers that a client has chosen, in Kafka's words; null if nothing is.</summary>
    private Refusal? AssignmentRefusal(IEnumerable<IReadOnlyList<int>> given, int? factor)
    {
        foreach (IReadOnlyList<int> replicas in given)
        {
            factor ??= replicas.Count;
            int[] foreign = [.. replicas.Where(id => _brokers.GetValueOrDefault(id) is not { IsRegistered: true })];
            int[] repeated = [.. replicas.GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key)];
            string? fault = replicas.Count == 0
                ? "an empty replica list."
                : foreign.Length > 0
                    ? $"broker {foreign[0]}, but no such broker is registered."
                    : repeated.Length > 0
                        ? $"the broker {repeated[0]} more than once."
                        : replicas.Count != factor
                            ? $"a partition with {replicas.Count} replica(s), but this is not consistent with previous partitions, which have {factor} replica(s)."
                            : null;
            if (fault is not null)
            {
                return new Refusal(ErrorCode.InvalidReplicaAssignment, $"The manual partition assignment includes {fault}");
            }
        }

        return null;
    }

    private Refusal? Choose(NewTopic wanted, out IReadOnlyList<IReadOnlyList<int>> assignments)
    {
        assignments = [];
        int partitions = wanted.Partitions == -1 ? Options.DefaultPartitions : wanted.Partitions;
        if (partitions is < 1 or > 100_000)
        {
            return new Refusal(ErrorCode.InvalidPartitions, $"Number of partitions was set to an invalid value: {partitions}.");
        }

        int[] alive = [.. _brokers.Values.Where(broker => broker.IsAlive).Select(broker => broker.Id)];
        int factor = wanted.ReplicationFactor == -1 ? Math.Min(Options.DefaultReplicationFactor, Math.Max(alive.Length, 1)) : wanted.ReplicationFactor;
        if (factor < 1 || factor > alive.Length)
        {
            return new Refusal(
                ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {factor} time(s): {alive.Length} broker(s) run.");
        }

        int start = _nextPlacement++;
        assignments = [.. Enumerable.Range(start, partitions).Select(first => Enumerable.Range(first, factor).Select(i => alive[i % alive.Length]).ToArray())];
        return null;
    }

    private Leadership Elect(IReadOnlyList<int> replicas, int epoch)
    {
        IReadOnlyList<int> inSync = InSync(replicas);
        return new Leadership(inSync is [int first, ..] ? first : -1, epoch, replicas, inSync);
    }

    private int[] InSync(IReadOnlyList<int> replicas) => [.. replicas.Where(id => _brokers[id].IsAlive)];
}
