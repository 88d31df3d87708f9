using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Deletes groups that nobody is in.</summary>
internal sealed class DeleteGroupsHandler(GroupCoordinator groups) : RequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>(Apis.DeleteGroups)
{
    protected override DeleteGroupsResponse Handle(DeleteGroupsRequest request, RequestContext context) =>
        Answer(request, id => groups.Check(id, context) is var error && error != ErrorCode.None ? error : groups.Delete(id));

    protected override DeleteGroupsResponse Fail(DeleteGroupsRequest request, ErrorCode error, RequestContext context) => Answer(request, _ => error);

    private static DeleteGroupsResponse Answer(DeleteGroupsRequest request, Func<string, ErrorCode> delete) => new()
    {
        Results = [.. request.GroupsNames.Select(id => new DeleteGroupsResponse.DeletableGroupResult { GroupId = id, ErrorCode = delete(id) })],
    };
}
