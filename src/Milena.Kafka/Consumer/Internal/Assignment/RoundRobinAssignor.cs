namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>Deals all partitions of all topics to the members in turn; who does not subscribe to a topic is passed over.</summary>
internal sealed class RoundRobinAssignor : IPartitionAssignor
{
    public string Name => "roundrobin";

    public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request)
    {
        MemberSubscription[] members = MemberOrder.Sort(request.Members);
        HashSet<string>[] topics = [.. members.Select(m => m.Topics.ToHashSet())];
        var sheet = new AssignmentSheet(members);
        int turn = 0;
        foreach (string name in topics.SelectMany(t => t).Distinct().Order(StringComparer.Ordinal))
        {
            int count = request.Topics.GetValueOrDefault(name)?.PartitionCount ?? 0;
            for (int partition = 0; partition < count; partition++)
            {
                while (!topics[turn].Contains(name))
                {
                    turn = (turn + 1) % members.Length;
                }

                sheet[members[turn].MemberId].Add(new TopicPartition(name, partition));
                turn = (turn + 1) % members.Length;
            }
        }

        return sheet.ToResult();
    }
}
