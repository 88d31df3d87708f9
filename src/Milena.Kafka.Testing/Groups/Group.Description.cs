using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups;

/// <content>What admin clients see.</content>
internal sealed partial class Group
{
    public GroupSummary Summary()
    {
        lock (_gate)
        {
            return _consumer is not null
                ? new GroupSummary(_consumer.State.ToString(), EmbeddedProtocol.Type, "Consumer")
                : new GroupSummary(_classic!.State.ToString(), _classic.ProtocolType ?? "", "Classic");
        }
    }

    /// <summary>The group as DescribeGroups tells it; null if it is none of the classic protocol.</summary>
    public DescribeGroupsResponse.DescribedGroup? DescribeClassic()
    {
        lock (_gate)
        {
            return _classic?.Describe();
        }
    }

    /// <summary>The group as ConsumerGroupDescribe tells it; null if it is none of the KIP-848 protocol.</summary>
    public ConsumerGroupDescribeResponse.DescribedGroup? DescribeConsumer()
    {
        lock (_gate)
        {
            if (_consumer is not { } group)
            {
                return null;
            }

            TopicCatalog topics = _topics();
            return new ConsumerGroupDescribeResponse.DescribedGroup
            {
                GroupId = Id,
                GroupState = group.State.ToString(),
                GroupEpoch = group.GroupEpoch,
                AssignmentEpoch = group.AssignmentEpoch,
                AssignorName = group.AssignorName,
                Members = [.. group.Members.Select(member => Describe(member, group.TargetOf(member.Id), topics))],
            };
        }
    }

    private static ConsumerGroupDescribeResponse.Member Describe(ConsumerMember member, PartitionSet target, TopicCatalog topics)
    {
        const sbyte Classic = 0;
        const sbyte Consumer = 1;
        return new ConsumerGroupDescribeResponse.Member
        {
            MemberId = member.Id,
            InstanceId = member.InstanceId,
            RackId = member.RackId,
            MemberEpoch = member.Epoch,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SubscribedTopicNames = [.. member.TopicNames],
            SubscribedTopicRegex = member.TopicRegex.Length == 0 ? null : member.TopicRegex,
            Assignment = Describe(member.Assigned, topics),
            TargetAssignment = Describe(target, topics),
            MemberType = member.Classic is null ? Consumer : Classic,
        };
    }

    private static ConsumerGroupDescribeResponse.Assignment Describe(PartitionSet partitions, TopicCatalog topics) => new()
    {
        TopicPartitions = [.. partitions.GroupBy(partition => partition.TopicId)
            .Where(topic => topics.Find(topic.Key) is not null)
            .Select(topic => new ConsumerGroupDescribeResponse.TopicPartitions
            {
                TopicId = topic.Key,
                TopicName = topics.Find(topic.Key)!.Value.Name,
                Partitions = [.. topic.Select(partition => partition.Partition)],
            })],
    };
}
