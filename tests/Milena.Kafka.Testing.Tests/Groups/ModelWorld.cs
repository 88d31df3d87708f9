using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A group, its clients and its topics, moved step by step with no socket, thread or clock.</summary>
internal sealed class ModelWorld : IDisposable
{
    public static readonly TimeSpan Session = TimeSpan.FromSeconds(10);

    private readonly Random _random;
    private readonly List<IModelClient> _clients = [];
    private TopicCatalog _topics = TopicCatalog.Empty;
    private int _lastTopic;
    private int _lastId;

    public ModelWorld(int seed, bool withClassic, bool withConsumer, GroupMigrationPolicy migration = GroupMigrationPolicy.Bidirectional)
    {
        _random = new Random(seed);
        WithClassic = withClassic;
        WithConsumer = withConsumer;
        Group = new Group(
            "g",
            new GroupSettings(
                new ClassicGroupSettings(Time, TimeSpan.Zero, int.MaxValue, NewId),
                new ConsumerGroupSettings(Session, TimeSpan.FromSeconds(1), int.MaxValue),
                migration),
            () => _topics);
        AddTopic();
    }

    public ManualTime Time { get; } = new();

    public Group Group { get; }

    public bool WithClassic { get; }

    public bool WithConsumer { get; }

    public TopicCatalog Topics => _topics;

    public DateTimeOffset Now => Time.GetUtcNow();

    public bool Chance(int percent) => _random.Next(100) < percent;

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>One thing that happens in the life of a group.</summary>
    public void Step()
    {
        switch (_random.Next(24))
        {
            case 0 or 1 when _clients.Count < 8:
                AddClient(Chance(30) ? $"i{_lastId}" : null);
                break;
            case 2 when _clients.Count > 0:
                IModelClient leaving = _clients[_random.Next(_clients.Count)];
                leaving.Leave();
                _clients.Remove(leaving);
                break;
            case 3 when _clients.Count > 0:
                // Killed: it reads no more, and nobody tells the group.
                _clients.RemoveAt(_random.Next(_clients.Count));
                break;
            case 9 when _clients.Find(client => client.InstanceId is not null) is { } restarting:
                restarting.Restart();
                _clients.Remove(restarting);
                AddClient(restarting.InstanceId);
                break;
            case 4 when _topics.All.Count < 4:
                AddTopic();
                break;
            case 5 when _topics.All.Count > 1:
                ChangeTopics(_topics.All.Where(topic => topic.Name != _topics.All[0].Name));
                break;
            case 6 when Chance(30):
                Group.Recover();
                break;
            case 7 or 8:
                Pass(TimeSpan.FromMilliseconds(_random.Next(1000)));
                break;
            default:
                if (_clients.Count > 0)
                {
                    _clients[_random.Next(_clients.Count)].Step(isQuiet: false);
                }

                break;
        }

        NoPartitionHasTwoOwners();
    }

    /// <summary>Lets everybody do what is left to do while nothing else happens.</summary>
    public void Settle()
    {
        for (int round = 0; round < 150; round++)
        {
            Pass(TimeSpan.FromMilliseconds(500));
            foreach (IModelClient client in _clients)
            {
                client.Step(isQuiet: true);
                NoPartitionHasTwoOwners();
            }
        }
    }

    public void EveryPartitionIsOwned()
    {
        HashSet<TopicIdPartition> owned = [.. _clients.SelectMany(client => client.Owned)];
        HashSet<TopicIdPartition> wanted = _clients.Count == 0 ? [] :
        [
            .. _topics.All.SelectMany(topic => Enumerable.Range(0, topic.Partitions), (topic, partition) => new TopicIdPartition(topic.Id, partition)),
        ];
        Assert.That(owned, Is.EquivalentTo(wanted), $"clients: {string.Join(", ", _clients)}; group {Group.Summary()}");
    }

    public void EachHasItsShare()
    {
        int[] counts = [.. _clients.Select(client => client.Owned.Count)];
        if (counts.Length > 0)
        {
            Assert.That(counts.Max() - counts.Min(), Is.LessThanOrEqualTo(1), string.Join(", ", _clients));
        }
    }

    public void Dispose() => Group.Dispose();

    private void Pass(TimeSpan time)
    {
        // Clients see first that they have not been heard for too long: their clock started before the group's.
        foreach (IModelClient client in _clients)
        {
            client.SeeTime(Now + time);
        }

        Time.Advance(time);
    }

    private void AddClient(string? instanceId)
    {
        bool isClassic = WithClassic && (!WithConsumer || Chance(50));
        string id = $"{++_lastId}";
        _clients.Add(isClassic ? new ModelClassicClient(this, id, instanceId) : new ModelConsumerClient(this, id, instanceId));
    }

    private void AddTopic() => ChangeTopics([.. _topics.All, new CatalogTopic($"t{++_lastTopic}", NewId(), _random.Next(1, 7))]);

    private void ChangeTopics(IEnumerable<CatalogTopic> topics)
    {
        _topics = new TopicCatalog([.. topics]);
        foreach (IModelClient client in _clients)
        {
            client.SeeTopics();
        }
    }

    private void NoPartitionHasTwoOwners()
    {
        var seen = new Dictionary<TopicIdPartition, IModelClient>();
        foreach (IModelClient client in _clients)
        {
            foreach (TopicIdPartition partition in client.Owned)
            {
                Assert.That(seen.TryAdd(partition, client), $"{partition} belongs to {client} and {seen[partition]}");
            }
        }
    }
}
