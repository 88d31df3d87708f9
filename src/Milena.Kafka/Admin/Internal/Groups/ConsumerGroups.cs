using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Consumer groups of both protocols, described the same way.</summary>
internal static class ConsumerGroups
{
    private const string Consumer = "consumer";
    private const short LastVersion = 3;

    /// <summary>Asks by the newer protocol first, and for what is not of it, or where brokers do not have it, by the classic one.</summary>
    public static async Task<Dictionary<string, Answer<ConsumerGroupDescription>>> DescribeAsync(
        KafkaCluster cluster, IReadOnlyCollection<string> groupIds, bool withOperations, Deadline deadline, CancellationToken cancellationToken)
    {
        Dictionary<string, Answer<ConsumerGroupDescription>> found = await cluster.Driver.RunAsync(
            new DescribeConsumerGroupsOperation(cluster.Coordinators, withOperations), groupIds, deadline.Left, cancellationToken).ConfigureAwait(false);
        string[] others = [.. found.Where(group => group.Value.Error is ErrorCode.GroupIdNotFound or ErrorCode.UnsupportedVersion).Select(group => group.Key)];
        if (others.Length > 0)
        {
            Dictionary<string, Answer<ClassicGroupDescription>> classic = await cluster.Driver.RunAsync(
                new DescribeClassicGroupsOperation(cluster.Coordinators, withOperations), others, deadline.Left, cancellationToken).ConfigureAwait(false);
            foreach ((string group, Answer<ClassicGroupDescription> answer) in classic)
            {
                found[group] = Read(answer);
            }
        }

        return found;
    }

    /// <summary>A classic group as one of consumers; fails if its members are something else, or its leader assigned what cannot be read.</summary>
    private static Answer<ConsumerGroupDescription> Read(Answer<ClassicGroupDescription> answer)
    {
        if (answer.Failure is { } failure)
        {
            return Answer<ConsumerGroupDescription>.Failed(failure);
        }

        ClassicGroupDescription group = answer.Value;
        if (group.ProtocolType is not ("" or Consumer))
        {
            return Answer<ConsumerGroupDescription>.Failed(BrokerFault.Of(
                $"Describing group '{group.GroupId}'", ErrorCode.GroupIdNotFound, $"it is not of consumers, its protocol type is '{group.ProtocolType}'"));
        }

        try
        {
            return Answer<ConsumerGroupDescription>.Of(new ConsumerGroupDescription(
                group.GroupId, GroupType.Classic, group.State, group.Protocol, [.. group.Members.Select(Read)], group.CoordinatorId)
            {
                IsSimple = group.ProtocolType.Length == 0,
                AuthorizedOperations = group.AuthorizedOperations,
            });
        }
        catch (ProtocolException fault)
        {
            return Answer<ConsumerGroupDescription>.Failed(new KafkaException($"Describing group '{group.GroupId}': an assignment cannot be read. {fault.Message}", fault));
        }
    }

    private static ConsumerGroupMember Read(ClassicGroupMember member) =>
        new(member.MemberId, member.InstanceId, member.ClientId, member.Host, ReadAssignment(member));

    private static IReadOnlyList<TopicPartition> ReadAssignment(ClassicGroupMember member)
    {
        if (member.Assignment.IsEmpty)
        {
            return [];
        }

        ConsumerProtocolAssignment assignment = VersionedBytes.Read<ConsumerProtocolAssignment>(member.Assignment, LastVersion);
        return [.. assignment.AssignedPartitions.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicPartition(topic.Topic, partition))];
    }
}
