namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>
/// Shares for members of different subscriptions: no partition could move to a member that has at least two less. Works topic by topic, since
/// all partitions of a topic may go to the same members.
/// </summary>
internal sealed class UnevenShares
{
    private readonly MemberSubscription[] _members;
    private readonly HashSet<string>[] _topics;
    private readonly AssignmentSheet _sheet;
    private readonly OwnershipClaims _claims;
    private readonly Dictionary<string, List<int>>[] _given;
    private readonly int[] _load;

    public UnevenShares(MemberSubscription[] members, HashSet<string>[] topics, AssignmentSheet sheet, OwnershipClaims claims)
    {
        _members = members;
        _topics = topics;
        _sheet = sheet;
        _claims = claims;
        _given = [.. members.Select(_ => new Dictionary<string, List<int>>())];
        _load = new int[members.Length];
    }

    public void Fill(AssignmentRequest request)
    {
        (AssignableTopic Topic, int[] Members)[] topics =
        [
            .. request.Topics.Values
                .Select(t => (Topic: t, Members: Enumerable.Range(0, _members.Length).Where(m => _topics[m].Contains(t.Name)).ToArray()))
                .Where(t => t.Members.Length > 0)
                .OrderBy(t => t.Members.Length)
                .ThenBy(t => t.Topic.Name, StringComparer.Ordinal),
        ];
        List<(TopicPartition Partition, int[] Members)> open = Keep(topics);

        // Those that fewest members may have go first; the others can still level out.
        foreach ((TopicPartition partition, int[] members) in open)
        {
            Give(members.MinBy(m => _load[m]), partition.Topic, partition.Partition);
        }

        bool hasMoved;
        do
        {
            hasMoved = false;
            foreach ((AssignableTopic topic, int[] members) in topics)
            {
                hasMoved |= LevelOut(topic.Name, members);
            }
        }
        while (hasMoved);

        for (int i = 0; i < _members.Length; i++)
        {
            _sheet[_members[i].MemberId].AddRange(_given[i].SelectMany(t => t.Value.Select(p => new TopicPartition(t.Key, p))));
        }
    }

    private List<(TopicPartition Partition, int[] Members)> Keep((AssignableTopic Topic, int[] Members)[] topics)
    {
        Dictionary<string, int> index = _members.Select((m, i) => (m.MemberId, i)).ToDictionary(m => m.MemberId, m => m.i);
        var open = new List<(TopicPartition Partition, int[] Members)>();
        foreach ((AssignableTopic topic, int[] members) in topics)
        {
            for (int number = 0; number < topic.PartitionCount; number++)
            {
                var partition = new TopicPartition(topic.Name, number);
                if (_claims.OwnerOf(partition) is { } owner && _topics[index[owner]].Contains(topic.Name))
                {
                    Give(index[owner], topic.Name, number);
                }
                else
                {
                    open.Add((partition, members));
                }
            }
        }

        return open;
    }

    private void Give(int member, string topic, int partition)
    {
        if (!_given[member].TryGetValue(topic, out List<int>? numbers))
        {
            _given[member][topic] = numbers = [];
        }

        numbers.Add(partition);
        _load[member]++;
    }

    /// <summary>Moves partitions of a topic from the fullest member to the emptiest. Each move lessens the sum of the squared loads, so it ends.</summary>
    private bool LevelOut(string topic, int[] members)
    {
        bool hasMoved = false;
        while (true)
        {
            int fullest = -1;
            int emptiest = members[0];
            foreach (int member in members)
            {
                emptiest = _load[member] < _load[emptiest] ? member : emptiest;
                if (_given[member].TryGetValue(topic, out List<int>? numbers) && numbers.Count > 0 && (fullest < 0 || _load[member] > _load[fullest]))
                {
                    fullest = member;
                }
            }

            if (fullest < 0 || _load[fullest] - _load[emptiest] < 2)
            {
                return hasMoved;
            }

            Move(topic, fullest, emptiest);
            hasMoved = true;
        }
    }

    private void Move(string topic, int from, int to)
    {
        List<int> numbers = _given[from][topic];
        string giver = _members[from].MemberId;
        string taker = _members[to].MemberId;
        int place = numbers.FindLastIndex(p => _claims.OwnerOf(new TopicPartition(topic, p)) == taker);
        place = place >= 0 ? place : numbers.FindLastIndex(p => _claims.OwnerOf(new TopicPartition(topic, p)) != giver);
        place = place >= 0 ? place : numbers.Count - 1;
        Give(to, topic, numbers[place]);
        numbers.RemoveAt(place);
        _load[from]--;
    }
}
