using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks brokers for the groups that each looks after.</summary>
internal sealed class ListGroupsOperation : Operation<int, ListGroupsRequest, ListGroupsResponse, IReadOnlyList<GroupListing>>
{
    private readonly ListGroupsOptions _options;

    public ListGroupsOperation(ListGroupsOptions options) => _options = options;

    public override Api Api => Apis.ListGroups;

    public override int KeysPerRequest(short version) => 1;

    public override Route RouteOf(int key) => Route.ToBroker(key);

    public override ListGroupsRequest CreateRequest(IReadOnlyList<int> keys, short version) => new()
    {
        StatesFilter = [.. _options.States.Select(state => state.ToString())],
        TypesFilter = [.. _options.Types.Select(type => type.ToString())],
    };

    public override void Read(IReadOnlyList<int> keys, ListGroupsResponse response, AnswerSheet<int, IReadOnlyList<GroupListing>> answers)
    {
        IEnumerable<GroupListing> listed = response.Groups
            .Where(group => _options.ProtocolTypes.Count == 0 || _options.ProtocolTypes.Contains(group.ProtocolType))
            .Select(group => new GroupListing(group.GroupId, Words.Read<GroupType>(group.GroupType), group.ProtocolType, Words.Read<GroupState>(group.GroupState), keys[0]));
        answers.Note(keys[0], response.ErrorCode, null, [.. listed]);
    }

    public override string Describe(int key) => $"Listing the groups of broker {key}";
}
