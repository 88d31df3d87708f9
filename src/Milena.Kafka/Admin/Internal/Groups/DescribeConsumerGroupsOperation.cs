using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators for groups of the KIP-848 protocol.</summary>
internal sealed class DescribeConsumerGroupsOperation : Operation<string, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescription>
{
    private readonly CoordinatorCache _coordinators;
    private readonly bool _withOperations;

    public DescribeConsumerGroupsOperation(CoordinatorCache coordinators, bool withOperations)
    {
        _coordinators = coordinators;
        _withOperations = withOperations;
    }

    public override Api Api => Apis.ConsumerGroupDescribe;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override ConsumerGroupDescribeRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { GroupIds = [.. keys], IncludeAuthorizedOperations = _withOperations };

    public override void Read(IReadOnlyList<string> keys, ConsumerGroupDescribeResponse response, AnswerSheet<string, ConsumerGroupDescription> answers) =>
        response.Groups.ForEach(group => answers.Note(group.GroupId, group.ErrorCode, group.ErrorMessage, Read(group)));

    public override string Describe(string key) => $"Describing group '{key}'";

    private static IReadOnlyList<TopicPartition> Read(ConsumerGroupDescribeResponse.Assignment assignment) =>
        [.. assignment.TopicPartitions.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicPartition(topic.TopicName, partition))];

    private static ConsumerGroupMember Read(ConsumerGroupDescribeResponse.Member member) =>
        new(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost, Read(member.Assignment))
        {
            TargetAssignment = Read(member.TargetAssignment),
            MemberEpoch = member.MemberEpoch,
            SubscribedTopics = member.SubscribedTopicNames,
            SubscribedPattern = string.IsNullOrEmpty(member.SubscribedTopicRegex) ? null : member.SubscribedTopicRegex,
            Rack = member.RackId,
            Protocol = (ConsumerMemberType)member.MemberType,
        };

    private ConsumerGroupDescription Read(ConsumerGroupDescribeResponse.DescribedGroup group) =>
        new(
            group.GroupId,
            GroupType.Consumer,
            Words.Read<GroupState>(group.GroupState),
            group.AssignorName,
            [.. group.Members.Select(Read)],
            _coordinators.BrokerOf(CoordinatorKeyType.Group, group.GroupId))
        {
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AuthorizedOperations = AuthorizedOperations.Read(group.AuthorizedOperations),
        };
}
