namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>One topic while its ranges are given out: what is left of it and how much each member may still take.</summary>
internal sealed class RangedTopic
{
    private readonly AssignableTopic _topic;
    private readonly AssignmentSheet _sheet;
    private readonly SortedSet<int> _open;
    private readonly Dictionary<string, int> _given;
    private readonly int _share;
    private int _extras;

    public RangedTopic(AssignableTopic topic, List<MemberSubscription> members, AssignmentSheet sheet)
    {
        _topic = topic;
        _sheet = sheet;
        Members = members;
        _open = [.. Enumerable.Range(0, topic.PartitionCount)];
        _given = members.ToDictionary(m => m.MemberId, _ => 0);
        (_share, _extras) = Math.DivRem(topic.PartitionCount, members.Count);
        SubscriberKey = string.Join('\n', members.Select(m => $"{m.MemberId}\t{m.RackId}"));
        MindsRacks = RacksMatter();
    }

    /// <summary>The subscribers, in the order in which they are served.</summary>
    public List<MemberSubscription> Members { get; }

    public int PartitionCount => _topic.PartitionCount;

    /// <summary>Equal for topics with the same subscribers.</summary>
    public string SubscriberKey { get; }

    /// <summary>Whether some partitions are nearer to some members than to others.</summary>
    public bool MindsRacks { get; }

    public bool IsNear(MemberSubscription member, int partition) =>
        string.IsNullOrEmpty(member.RackId) || (_topic.Racks is { } racks && partition < racks.Count && racks[partition].Contains(member.RackId));

    public int Room(MemberSubscription member) => Math.Max(0, _share + (_extras > 0 ? 1 : 0) - _given[member.MemberId]);

    public void Give(MemberSubscription member, int partition)
    {
        _open.Remove(partition);
        _sheet[member.MemberId].Add(new TopicPartition(_topic.Name, partition));
        if (++_given[member.MemberId] == _share + 1)
        {
            _extras--;
        }
    }

    public void AssignRanges(Func<RangedTopic, MemberSubscription, int, bool> may)
    {
        foreach (MemberSubscription member in Members)
        {
            foreach (int partition in _open.Where(p => may(this, member, p)).Take(Room(member)).ToList())
            {
                Give(member, partition);
            }
        }
    }

    private bool RacksMatter()
    {
        HashSet<string> ours = [.. Members.Where(m => !string.IsNullOrEmpty(m.RackId)).Select(m => m.RackId!)];
        if (ours.Count == 0 || _topic.Racks is not { } racks)
        {
            return false;
        }

        HashSet<string> all = [.. racks.SelectMany(r => r)];
        return ours.Overlaps(all) && racks.Any(r => !all.SetEquals(r));
    }
}
