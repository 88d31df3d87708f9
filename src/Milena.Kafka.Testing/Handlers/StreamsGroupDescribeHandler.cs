using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Describes groups of the Streams protocol, of which there are none: nobody can join one here.</summary>
internal sealed class StreamsGroupDescribeHandler(GroupCoordinator groups)
    : RequestHandler<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(Apis.StreamsGroupDescribe)
{
    protected override StreamsGroupDescribeResponse Handle(StreamsGroupDescribeRequest request, RequestContext context) => new()
    {
        Groups = [.. request.GroupIds.Select(id => groups.Check(id, context) is var error && error != ErrorCode.None
            ? Failed(id, error, error.Meaning())
            : Failed(id, ErrorCode.GroupIdNotFound, $"Group {id} is not a streams group."))],
    };

    protected override StreamsGroupDescribeResponse Fail(StreamsGroupDescribeRequest request, ErrorCode error, RequestContext context) => new()
    {
        Groups = [.. request.GroupIds.Select(id => Failed(id, error, error.Meaning()))],
    };

    private static StreamsGroupDescribeResponse.DescribedGroup Failed(string id, ErrorCode error, string message) => new()
    {
        GroupId = id,
        ErrorCode = error,
        ErrorMessage = message,
    };
}
