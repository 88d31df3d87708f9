using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>Shares partitions out among the members of a group. Pure: the same members give the same assignment.</summary>
internal interface IServerAssignor
{
    /// <summary>The name that members choose it by.</summary>
    string Name { get; }

    /// <summary>Gives every partition of a wanted topic to one of those who want it.</summary>
    /// <returns>What each member is to have, also those that get nothing.</returns>
    IReadOnlyDictionary<string, PartitionSet> Assign(IReadOnlyList<Assignee> members);
}
