using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>Neighbouring partitions of each topic to one member, the same ones of topics of the same size.</summary>
internal sealed class RangeAssignor : IServerAssignor
{
    public string Name => "range";

    public IReadOnlyDictionary<string, PartitionSet> Assign(IReadOnlyList<Assignee> members)
    {
        Dictionary<string, PartitionSet.Builder> shares = members.ToDictionary(member => member.MemberId, _ => PartitionSet.Empty.ToBuilder());

        // Static members come first, and by their instance id: they get the same range after a restart.
        Assignee[] ordered =
        [
            .. members.OrderBy(member => member.InstanceId is null)
                .ThenBy(member => member.InstanceId, StringComparer.Ordinal)
                .ThenBy(member => member.MemberId, StringComparer.Ordinal),
        ];
        foreach (IGrouping<CatalogTopic, Assignee> topic in ordered.SelectMany(member => member.Topics, (member, topic) => (member, topic)).GroupBy(pair => pair.topic, pair => pair.member))
        {
            Assignee[] takers = [.. topic];
            int next = 0;
            for (int i = 0; i < takers.Length; i++)
            {
                int share = (topic.Key.Partitions / takers.Length) + (i < topic.Key.Partitions % takers.Length ? 1 : 0);
                shares[takers[i].MemberId].UnionWith(Enumerable.Range(next, share).Select(partition => new TopicIdPartition(topic.Key.Id, partition)));
                next += share;
            }
        }

        return shares.ToDictionary(share => share.Key, share => share.Value.ToImmutable());
    }
}
