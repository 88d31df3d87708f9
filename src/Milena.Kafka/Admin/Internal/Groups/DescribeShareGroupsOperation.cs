using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators for share groups.</summary>
internal sealed class DescribeShareGroupsOperation : Operation<string, ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupDescription>
{
    private readonly CoordinatorCache _coordinators;
    private readonly bool _withOperations;

    public DescribeShareGroupsOperation(CoordinatorCache coordinators, bool withOperations)
    {
        _coordinators = coordinators;
        _withOperations = withOperations;
    }

    public override Api Api => Apis.ShareGroupDescribe;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override ShareGroupDescribeRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { GroupIds = [.. keys], IncludeAuthorizedOperations = _withOperations };

    public override void Read(IReadOnlyList<string> keys, ShareGroupDescribeResponse response, AnswerSheet<string, ShareGroupDescription> answers) =>
        response.Groups.ForEach(group => answers.Note(group.GroupId, group.ErrorCode, group.ErrorMessage, Read(group)));

    public override string Describe(string key) => $"Describing share group '{key}'";

    private static ShareGroupMember Read(ShareGroupDescribeResponse.Member member) =>
        new(
            member.MemberId,
            member.ClientId,
            member.ClientHost,
            member.MemberEpoch,
            member.RackId,
            member.SubscribedTopicNames,
            [.. member.Assignment.TopicPartitions.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicPartition(topic.TopicName, partition))]);

    private ShareGroupDescription Read(ShareGroupDescribeResponse.DescribedGroup group) =>
        new(
            group.GroupId,
            Words.Read<GroupState>(group.GroupState),
            group.AssignorName,
            group.GroupEpoch,
            group.AssignmentEpoch,
            [.. group.Members.Select(Read)],
            _coordinators.BrokerOf(CoordinatorKeyType.Group, group.GroupId))
        {
            AuthorizedOperations = AuthorizedOperations.Read(group.AuthorizedOperations),
        };
}
