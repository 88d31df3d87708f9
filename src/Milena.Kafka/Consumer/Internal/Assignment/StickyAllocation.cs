namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>Even shares with as few moves as possible. One for members that all subscribe to the same topics, one for any others.</summary>
internal static class StickyAllocation
{
    public static AssignmentSheet Allocate(AssignmentRequest request, OwnershipClaims claims)
    {
        MemberSubscription[] members = MemberOrder.Sort(request.Members);
        var sheet = new AssignmentSheet(members);
        if (members.Length == 0)
        {
            return sheet;
        }

        HashSet<string>[] topics = [.. members.Select(m => m.Topics.Where(request.Topics.ContainsKey).ToHashSet())];
        if (Array.TrueForAll(topics, t => t.SetEquals(topics[0])))
        {
            new EvenShares(members, sheet).Fill(PartitionsOf(topics[0], request), claims, request.Topics);
        }
        else
        {
            new UnevenShares(members, topics, sheet, claims).Fill(request);
        }

        Array.ForEach(members, m => sheet[m.MemberId].Sort(PartitionOrder.Instance));
        return sheet;
    }

    private static List<TopicPartition> PartitionsOf(IEnumerable<string> topics, AssignmentRequest request) =>
        [.. topics.Order(StringComparer.Ordinal).SelectMany(t => Enumerable.Range(0, request.Topics[t].PartitionCount).Select(p => new TopicPartition(t, p)))];
}
