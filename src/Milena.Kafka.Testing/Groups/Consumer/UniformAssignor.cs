using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>As many partitions for each member as can be had, and as few moves as that takes.</summary>
internal sealed class UniformAssignor : IServerAssignor
{
    public string Name => "uniform";

    public IReadOnlyDictionary<string, PartitionSet> Assign(IReadOnlyList<Assignee> members)
    {
        Assignee[] ordered = [.. members.OrderBy(member => member.MemberId, StringComparer.Ordinal)];
        var shares = new Shares(ordered.Length);
        Dictionary<Guid, (CatalogTopic Topic, List<int> Takers)> topics = TakersOf(ordered);
        for (int i = 0; i < ordered.Length; i++)
        {
            Keep(shares, i, ordered[i].Current, topics);
        }

        // Topics that few want come first: what many want can go anywhere afterwards.
        foreach ((CatalogTopic topic, List<int> takers) in topics.Values.OrderBy(topic => topic.Takers.Count).ThenBy(topic => topic.Topic.Name, StringComparer.Ordinal))
        {
            for (int partition = 0; partition < topic.Partitions; partition++)
            {
                var wanted = new TopicIdPartition(topic.Id, partition);
                if (!shares.Owners.ContainsKey(wanted))
                {
                    shares.Give(wanted, shares.Poorest(takers));
                }
            }
        }

        Balance(shares, topics);
        ILookup<int, TopicIdPartition> byMember = shares.Owners.ToLookup(entry => entry.Value, entry => entry.Key);
        return ordered.Select((member, index) => (member.MemberId, Share: PartitionSet.Empty.Union(byMember[index]))).ToDictionary(pair => pair.MemberId, pair => pair.Share);
    }

    private static Dictionary<Guid, (CatalogTopic Topic, List<int> Takers)> TakersOf(Assignee[] members)
    {
        var topics = new Dictionary<Guid, (CatalogTopic Topic, List<int> Takers)>();
        for (int i = 0; i < members.Length; i++)
        {
            foreach (CatalogTopic topic in members[i].Topics)
            {
                if (!topics.TryGetValue(topic.Id, out (CatalogTopic Topic, List<int> Takers) entry))
                {
                    topics[topic.Id] = entry = (topic, []);
                }

                entry.Takers.Add(i);
            }
        }

        return topics;
    }

    private static void Keep(Shares shares, int member, PartitionSet current, Dictionary<Guid, (CatalogTopic Topic, List<int> Takers)> topics)
    {
        foreach (TopicIdPartition partition in current)
        {
            if (topics.TryGetValue(partition.TopicId, out (CatalogTopic Topic, List<int> Takers) entry)
                && partition.Partition < entry.Topic.Partitions
                && entry.Takers.BinarySearch(member) >= 0
                && !shares.Owners.ContainsKey(partition))
            {
                shares.Give(partition, member);
            }
        }
    }

    /// <summary>Every move makes the shares more even, so that this ends.</summary>
    private static void Balance(Shares shares, Dictionary<Guid, (CatalogTopic Topic, List<int> Takers)> topics)
    {
        TopicIdPartition[] partitions = [.. shares.Owners.Keys.Order()];
        bool hasMoved;
        do
        {
            hasMoved = false;
            foreach (TopicIdPartition partition in partitions)
            {
                int poorest = shares.Poorest(topics[partition.TopicId].Takers);
                if (shares.Counts[shares.Owners[partition]] > shares.Counts[poorest] + 1)
                {
                    shares.Take(partition);
                    shares.Give(partition, poorest);
                    hasMoved = true;
                }
            }
        }
        while (hasMoved);
    }

    /// <summary>Who has what, and how much of it.</summary>
    private sealed class Shares(int members)
    {
        public Dictionary<TopicIdPartition, int> Owners { get; } = [];

        public int[] Counts { get; } = new int[members];

        public int Poorest(List<int> takers) => takers.MinBy(taker => Counts[taker]);

        public void Give(TopicIdPartition partition, int member)
        {
            Owners.Add(partition, member);
            Counts[member]++;
        }

        public void Take(TopicIdPartition partition)
        {
            Owners.Remove(partition, out int member);
            Counts[member]--;
        }
    }
}
