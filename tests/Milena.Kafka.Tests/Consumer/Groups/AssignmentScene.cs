namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Members and topics for an assignor, and what must hold of every result.</summary>
internal sealed class AssignmentScene
{
    private readonly Dictionary<string, AssignableTopic> _topics = [];

    public Dictionary<string, MemberSubscription> Members { get; } = [];

    public int PartitionCount => _topics.Values.Sum(t => t.PartitionCount);

    public AssignmentScene Topic(string name, int partitions, params string[] racks)
    {
        IReadOnlyList<IReadOnlyCollection<string>>? each = racks.Length == 0 ? null : [.. Enumerable.Range(0, partitions).Select(p => racks[p % racks.Length].Split(','))];
        _topics[name] = new AssignableTopic(name, partitions, each);
        return this;
    }

    public AssignmentScene Without(string topic)
    {
        _topics.Remove(topic);
        return this;
    }

    public AssignmentScene Member(string id, params string[] topics)
    {
        Members[id] = new MemberSubscription { MemberId = id, Topics = topics };
        return this;
    }

    public AssignmentScene Rack(string id, string rack)
    {
        MemberSubscription old = Members[id];
        Members[id] = new MemberSubscription { MemberId = id, Topics = old.Topics, RackId = rack };
        return this;
    }

    public AssignmentScene Static(string id, string instance)
    {
        MemberSubscription old = Members[id];
        Members[id] = new MemberSubscription { MemberId = id, Topics = old.Topics, GroupInstanceId = instance };
        return this;
    }

    public IReadOnlyDictionary<string, MemberAssignment> Assign(IPartitionAssignor assignor) => assignor.Assign(new AssignmentRequest([.. Members.Values], _topics));

    /// <summary>The members keep what a result gave them, in a generation, and tell so as their assignor wants it.</summary>
    public AssignmentScene Keep(IPartitionAssignor assignor, IReadOnlyDictionary<string, MemberAssignment> given, int generation)
    {
        foreach ((string id, MemberSubscription old) in Members.ToList())
        {
            IReadOnlyList<TopicPartition>? had = given.GetValueOrDefault(id)?.Partitions;
            Members[id] = new MemberSubscription
            {
                MemberId = id,
                GroupInstanceId = old.GroupInstanceId,
                RackId = old.RackId,
                Topics = old.Topics,
                OwnedPartitions = assignor.IsCooperative ? had ?? [] : [],
                Generation = assignor.IsCooperative && had is not null ? generation : -1,
                UserData = assignor.CreateUserData(new PreviousAssignment(old.Topics, had, had is null ? -1 : generation, null)),
            };
        }

        return this;
    }

    /// <summary>One line: <c>a: t-0 t-1; b: t-2</c>.</summary>
    public static string Text(IReadOnlyDictionary<string, MemberAssignment> result) =>
        string.Join("; ", result.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}: {string.Join(' ', r.Value.Partitions.Select(p => p.ToString()).Order(StringComparer.Ordinal))}".TrimEnd()));

    /// <summary>Nobody has what he did not subscribe to, nothing is given twice, and nothing that somebody wants is left over.</summary>
    public void AssertComplete(IReadOnlyDictionary<string, MemberAssignment> result)
    {
        List<TopicPartition> all = [.. result.Values.SelectMany(r => r.Partitions)];
        Assert.That(all.Distinct().Count(), Is.EqualTo(all.Count), "given twice");
        Assert.That(result.All(r => r.Value.Partitions.All(p => Members[r.Key].Topics.Contains(p.Topic))), "not subscribed");
        int wanted = _topics.Values.Where(t => Members.Values.Any(m => m.Topics.Contains(t.Name))).Sum(t => t.PartitionCount);
        Assert.That(all, Has.Count.EqualTo(wanted), "left over");
    }

    /// <summary>No partition could move to a member that has at least two less.</summary>
    public void AssertBalanced(IReadOnlyDictionary<string, MemberAssignment> result)
    {
        foreach ((string id, MemberAssignment given) in result)
        {
            HashSet<string> topics = [.. given.Partitions.Select(p => p.Topic)];
            foreach ((string other, MemberAssignment less) in result)
            {
                if (given.Partitions.Count - less.Partitions.Count >= 2)
                {
                    Assert.That(Members[other].Topics.Any(topics.Contains), Is.False, $"{id} has {given.Partitions.Count}, {other} has {less.Partitions.Count}");
                }
            }
        }
    }
}
