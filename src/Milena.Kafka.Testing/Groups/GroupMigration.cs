using System.Collections.Immutable;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups;

/// <summary>Turns the members of one protocol into those of the other, with what they own. Pure.</summary>
internal static class GroupMigration
{
    /// <summary>
    /// The members of a classic group as members of a consumer group: all at the epoch of the generation, with the assignment that they had and what
    /// they last said that they own.
    /// </summary>
    /// <remarks>
    /// Kafka goes by the last assignment alone. With a cooperative assignor a member may still read what that assignment took from it, and would then
    /// share it with a new member for a moment.
    /// </remarks>
    /// <exception cref="GroupRefusalException">They do not speak as consumers do.</exception>
    public static IReadOnlyList<ConsumerMember> ToConsumer(ClassicGroup group, TopicCatalog topics)
    {
        try
        {
            ConsumerMember[] members = [.. group.Members.Select(member => ToConsumer(member, group, topics))];
            PartitionSet assigned = [];
            for (int i = 0; i < members.Length; i++)
            {
                // A leader may have given a partition to two: only one keeps it.
                members[i] = members[i] with { Assigned = members[i].Assigned.Except(assigned) };
                assigned = assigned.Union(members[i].Assigned);
            }

            for (int i = 0; i < members.Length; i++)
            {
                PartitionSet claimed = ClaimsOf(group.Members[i], group, topics).Except(assigned);
                members[i] = members[i] with { Assigned = members[i].Assigned.Union(claimed) };
                assigned = assigned.Union(claimed);
            }

            return members;
        }
        catch (ProtocolException fault)
        {
            throw new GroupRefusalException(
                ErrorCode.GroupIdNotFound,
                $"Cannot upgrade the classic group {group.Id} to consumer group because the embedded consumer protocol is malformed: {fault.Message}");
        }
    }

    /// <summary>The members of a consumer group, all of which speak the classic protocol, as a classic group that has just got as assignment what they have.</summary>
    public static ClassicGroupImage ToClassic(ConsumerGroup group, TopicCatalog topics) => new(
        // Not the group epoch, which the one who left has moved on: members that are up to date must be told to join, not that they are fenced.
        group.AssignmentEpoch,
        EmbeddedProtocol.Type,
        Protocol: null,
        LeaderId: null,
        [.. group.Members.Select(member => new GroupMember(member.Id, member.InstanceId, member.ClientId, member.ClientHost)
        {
            SessionTimeout = member.Classic!.SessionTimeout,
            RebalanceTimeout = member.RebalanceTimeout,
            Protocols = member.Classic.Protocols,
            Assignment = EmbeddedProtocol.WriteAssignment(member.Assigned.Union(member.Revoking), topics, member.Classic.First.Metadata),
        })]);

    private static JoinGroupRequest.JoinGroupRequestProtocol ChosenBy(GroupMember member, ClassicGroup group) =>
        member.Protocols.FirstOrDefault(protocol => protocol.Name == group.Protocol) ?? member.Protocols[0];

    private static PartitionSet ClaimsOf(GroupMember member, ClassicGroup group, TopicCatalog topics)
    {
        ConsumerProtocolSubscription subscription = EmbeddedProtocol.ReadSubscription(ChosenBy(member, group).Metadata);
        return PartitionSet.Empty.Union(EmbeddedProtocol.Resolve(subscription.OwnedPartitions.Select(topic => (topic.Topic, topic.Partitions)), topics));
    }

    private static ConsumerMember ToConsumer(GroupMember member, ClassicGroup group, TopicCatalog topics)
    {
        JoinGroupRequest.JoinGroupRequestProtocol chosen = ChosenBy(member, group);
        ConsumerProtocolSubscription subscription = EmbeddedProtocol.ReadSubscription(chosen.Metadata);
        return new ConsumerMember(member.Id)
        {
            InstanceId = member.InstanceId,
            RackId = subscription.RackId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            RebalanceTimeout = member.RebalanceTimeout,
            TopicNames = subscription.Topics.ToImmutableSortedSet(StringComparer.Ordinal),
            Epoch = group.Generation,
            PreviousEpoch = group.Generation,
            State = MemberState.Stable,
            Assigned = EmbeddedProtocol.ReadAssignment(member.Assignment, topics),

            // Later the member is told the first of its protocols: put the chosen one there.
            Classic = new ClassicMembership(member.SessionTimeout, [chosen, .. member.Protocols.Where(protocol => protocol != chosen)]),
        };
    }
}
