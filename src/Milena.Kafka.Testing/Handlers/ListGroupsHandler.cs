using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lists the groups that this broker looks after.</summary>
internal sealed class ListGroupsHandler(GroupCoordinator groups) : RequestHandler<ListGroupsRequest, ListGroupsResponse>(Apis.ListGroups)
{
    protected override ListGroupsResponse Handle(ListGroupsRequest request, RequestContext context) => new()
    {
        Groups = [.. groups.SummariesOf(context.Broker)
            .Where(group => context.GroupRefusal(group.Id) is null || context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Describe))
            .Where(group => Passes(request.StatesFilter, group.Summary.State) && Passes(request.TypesFilter, group.Summary.Type))
            .Select(group => new ListGroupsResponse.ListedGroup
            {
                GroupId = group.Id,
                ProtocolType = group.Summary.ProtocolType,
                GroupState = group.Summary.State,
                GroupType = group.Summary.Type,
            })],
    };

    protected override ListGroupsResponse Fail(ListGroupsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static bool Passes(List<string> filter, string value) =>
        filter.Count == 0 || filter.Exists(wanted => wanted.Equals(value, StringComparison.OrdinalIgnoreCase));
}
