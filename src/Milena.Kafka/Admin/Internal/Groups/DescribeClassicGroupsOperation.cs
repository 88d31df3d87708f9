using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators for groups of the classic protocol.</summary>
internal sealed class DescribeClassicGroupsOperation : Operation<string, DescribeGroupsRequest, DescribeGroupsResponse, ClassicGroupDescription>
{
    private readonly CoordinatorCache _coordinators;
    private readonly bool _withOperations;

    public DescribeClassicGroupsOperation(CoordinatorCache coordinators, bool withOperations)
    {
        _coordinators = coordinators;
        _withOperations = withOperations;
    }

    public override Api Api => Apis.DescribeGroups;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override DescribeGroupsRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { Groups = [.. keys], IncludeAuthorizedOperations = _withOperations };

    public override void Read(IReadOnlyList<string> keys, DescribeGroupsResponse response, AnswerSheet<string, ClassicGroupDescription> answers)
    {
        foreach (DescribeGroupsResponse.DescribedGroup group in response.Groups)
        {
            // Before version 6 a group that does not exist is told as a dead one.
            bool isGone = group.ErrorCode == ErrorCode.None && Words.Read<GroupState>(group.GroupState) == GroupState.Dead;
            answers.Note(group.GroupId, isGone ? ErrorCode.GroupIdNotFound : group.ErrorCode, group.ErrorMessage, Read(group));
        }
    }

    public override string Describe(string key) => $"Describing group '{key}'";

    private ClassicGroupDescription Read(DescribeGroupsResponse.DescribedGroup group) =>
        new(
            group.GroupId,
            group.ProtocolType,
            group.ProtocolData,
            Words.Read<GroupState>(group.GroupState),
            [.. group.Members.Select(member => new ClassicGroupMember(
                member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost, member.MemberMetadata.ToArray(), member.MemberAssignment.ToArray()))],
            _coordinators.BrokerOf(CoordinatorKeyType.Group, group.GroupId))
        {
            AuthorizedOperations = AuthorizedOperations.Read(group.AuthorizedOperations),
        };
}
