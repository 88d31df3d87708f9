namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>
/// Gives each member a range of each topic. Where racks tell replicas apart, partitions go to members beside a replica first, as far as the
/// even shares allow; topics of equal size and the same subscribers stay together for that (KIP-881).
/// </summary>
internal sealed class RangeAssignor : IPartitionAssignor
{
    public string Name => "range";

    public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request)
    {
        MemberSubscription[] members = MemberOrder.Sort(request.Members);
        var sheet = new AssignmentSheet(members);
        var subscribers = new Dictionary<string, List<MemberSubscription>>();
        foreach (MemberSubscription member in members)
        {
            foreach (string topic in member.Topics.Distinct())
            {
                if (!subscribers.TryGetValue(topic, out List<MemberSubscription>? list))
                {
                    subscribers[topic] = list = [];
                }

                list.Add(member);
            }
        }

        RangedTopic[] topics =
        [
            .. request.Topics.Values
                .Where(t => t.PartitionCount > 0 && subscribers.ContainsKey(t.Name))
                .OrderBy(t => t.Name, StringComparer.Ordinal)
                .Select(t => new RangedTopic(t, subscribers[t.Name], sheet)),
        ];
        bool mindsRacks = topics.Any(t => t.MindsRacks);
        if (mindsRacks)
        {
            MatchRacks(topics);
        }

        foreach (RangedTopic topic in topics)
        {
            topic.AssignRanges(static (_, _, _) => true);
        }

        if (mindsRacks)
        {
            Array.ForEach(members, m => sheet[m.MemberId].Sort(PartitionOrder.Instance));
        }

        return sheet.ToResult();
    }

    private static void MatchRacks(RangedTopic[] topics)
    {
        foreach (IGrouping<(string, int), RangedTopic> alike in topics.GroupBy(t => (t.SubscriberKey, t.PartitionCount)))
        {
            RangedTopic[] group = [.. alike];
            if (group.Length > 1)
            {
                MatchTogether(group);
            }
            else if (group[0].MindsRacks)
            {
                group[0].AssignRanges(static (topic, member, partition) => topic.IsNear(member, partition));
            }
        }
    }

    private static void MatchTogether(RangedTopic[] topics)
    {
        List<MemberSubscription> open = [.. topics[0].Members];
        for (int partition = 0; partition < topics[0].PartitionCount && open.Count > 0; partition++)
        {
            int number = partition;
            MemberSubscription? near = open.Find(m => Array.TrueForAll(topics, t => t.Room(m) > 0 && t.IsNear(m, number)));
            if (near is null)
            {
                continue;
            }

            Array.ForEach(topics, t => t.Give(near, number));
            if (Array.TrueForAll(topics, t => t.Room(near) == 0))
            {
                open.Remove(near);
            }
        }
    }
}
