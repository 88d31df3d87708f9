using System.Collections.Immutable;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups;

/// <summary>Turns the members of one protocol into those of the other, with what they own. Pure.</summary>
internal static class GroupMigration
{
    /// <summary>The members of a classic group as members of a consumer group: all at the epoch of the generation, with the assignment that they had.</summary>
    /// <exception cref="GroupRefusalException">They do not speak as consumers do.</exception>
    public static IReadOnlyList<ConsumerMember> ToConsumer(ClassicGroup group, TopicCatalog topics)
    {
        try
        {
            return [.. group.Members.Select(member => ToConsumer(member, group, topics))];
        }
        catch (ProtocolException fault)
        {
            throw new GroupRefusalException(
                ErrorCode.GroupIdNotFound,
                $"Cannot upgrade the classic group {group.Id} to consumer group because the embedded consumer protocol is malformed: {fault.Message}");
        }
    }

    /// <summary>The members of a consumer group, all of which speak the classic protocol, as a classic group that has just got its target as assignment.</summary>
    public static ClassicGroupImage ToClassic(ConsumerGroup group, TopicCatalog topics) => new(
        group.GroupEpoch,
        EmbeddedProtocol.Type,
        Protocol: null,
        LeaderId: null,
        [.. group.Members.Select(member => new GroupMember(member.Id, member.InstanceId, member.ClientId, member.ClientHost)
        {
            SessionTimeout = member.Classic!.SessionTimeout,
            RebalanceTimeout = member.RebalanceTimeout,
            Protocols = member.Classic.Protocols,
            Assignment = EmbeddedProtocol.WriteAssignment(group.TargetOf(member.Id), topics, member.Classic.First.Metadata),
        })]);

    private static ConsumerMember ToConsumer(GroupMember member, ClassicGroup group, TopicCatalog topics)
    {
        JoinGroupRequest.JoinGroupRequestProtocol chosen = member.Protocols.FirstOrDefault(protocol => protocol.Name == group.Protocol) ?? member.Protocols[0];
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
