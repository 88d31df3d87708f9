namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>Shares for members of equal subscriptions: all get the same number, or one more.</summary>
internal sealed class EvenShares
{
    private readonly MemberSubscription[] _members;
    private readonly List<TopicPartition>[] _lists;
    private int _share;
    private int _extras;
    private int _turn;

    public EvenShares(MemberSubscription[] members, AssignmentSheet sheet)
    {
        _members = members;
        _lists = [.. members.Select(m => sheet[m.MemberId])];
    }

    public void Fill(List<TopicPartition> partitions, OwnershipClaims claims, IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        (_share, _extras) = Math.DivRem(partitions.Count, _members.Length);
        List<TopicPartition> open = Keep(partitions, claims);
        if (RacksMatter(open, topics))
        {
            open.RemoveAll(p => TryGive(p, m => topics[p.Topic].Racks![p.Partition].Contains(m.RackId!)));
        }

        open.ForEach(p => TryGive(p, static _ => true));
    }

    /// <summary>Every member keeps what it has up to its share.</summary>
    /// <returns>What nobody keeps.</returns>
    private List<TopicPartition> Keep(List<TopicPartition> partitions, OwnershipClaims claims)
    {
        Dictionary<string, int> index = _members.Select((m, i) => (m.MemberId, i)).ToDictionary(m => m.MemberId, m => m.i);
        List<TopicPartition>[] owned = [.. _members.Select(_ => new List<TopicPartition>())];
        var open = new List<TopicPartition>();
        foreach (TopicPartition partition in partitions)
        {
            (claims.OwnerOf(partition) is { } owner ? owned[index[owner]] : open).Add(partition);
        }

        for (int i = 0; i < _members.Length; i++)
        {
            bool hasExtra = owned[i].Count > _share && _extras > 0;
            _extras -= hasExtra ? 1 : 0;
            int kept = Math.Min(owned[i].Count, _share + (hasExtra ? 1 : 0));
            _lists[i].AddRange(owned[i][..kept]);
            open.AddRange(owned[i][kept..]);
        }

        open.Sort(PartitionOrder.Instance);
        return open;
    }

    private bool TryGive(TopicPartition partition, Predicate<MemberSubscription> may)
    {
        for (int i = 0; i < _members.Length; i++)
        {
            int candidate = (_turn + i) % _members.Length;
            int count = _lists[candidate].Count;
            if ((count < _share || (count == _share && _extras > 0)) && may(_members[candidate]))
            {
                _extras -= count == _share ? 1 : 0;
                _lists[candidate].Add(partition);
                _turn = (candidate + 1) % _members.Length;
                return true;
            }
        }

        return false;
    }

    private bool RacksMatter(List<TopicPartition> open, IReadOnlyDictionary<string, AssignableTopic> topics) =>
        Array.TrueForAll(_members, m => !string.IsNullOrEmpty(m.RackId)) && open.TrueForAll(p => topics[p.Topic].Racks is { } racks && p.Partition < racks.Count);
}
