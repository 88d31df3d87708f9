using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Has coordinators delete groups of any type.</summary>
internal sealed class DeleteGroupsOperation : Operation<string, DeleteGroupsRequest, DeleteGroupsResponse, bool>
{
    public override Api Api => Apis.DeleteGroups;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override DeleteGroupsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new() { GroupsNames = [.. keys] };

    public override void Read(IReadOnlyList<string> keys, DeleteGroupsResponse response, AnswerSheet<string, bool> answers) =>
        response.Results.ForEach(group => answers.Note(group.GroupId, group.ErrorCode, group.ErrorMessage, true));

    public override string Describe(string key) => $"Deleting group '{key}'";
}
