using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Names the broker that looks after a group or a transactional id. Share partitions are not served.</summary>
internal sealed class FindCoordinatorHandler() : RequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>(Apis.FindCoordinator)
{
    protected override FindCoordinatorResponse Handle(FindCoordinatorRequest request, RequestContext context)
    {
        return Answer(request, context, key => (CoordinatorKeyType)request.KeyType switch
        {
            CoordinatorKeyType.Group when key.Length == 0 => Failed(key, ErrorCode.InvalidGroupId),
            CoordinatorKeyType.Group when context.GroupRefusal(key) is { } refusal => Failed(key, refusal),
            CoordinatorKeyType.Group => Locate(key, context.Cluster.Coordinator(key)),
            CoordinatorKeyType.Transaction when key.Length > 0 && context.TransactionalIdRefusal(key) is { } refusal => Failed(key, refusal),
            CoordinatorKeyType.Transaction when key.Length > 0 => Locate(key, context.Cluster.TransactionCoordinator(key)),
            _ => Failed(key, ErrorCode.InvalidRequest),
        });
    }

    protected override FindCoordinatorResponse Fail(FindCoordinatorRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, context, key => Failed(key, error));

    private static FindCoordinatorResponse Answer(
        FindCoordinatorRequest request,
        RequestContext context,
        Func<string, FindCoordinatorResponse.Coordinator> locate)
    {
        if (context.Version >= 4)
        {
            return new FindCoordinatorResponse { Coordinators = [.. request.CoordinatorKeys.Select(locate)] };
        }

        FindCoordinatorResponse.Coordinator only = locate(request.Key);
        return new FindCoordinatorResponse
        {
            ErrorCode = only.ErrorCode,
            ErrorMessage = only.ErrorMessage,
            NodeId = only.NodeId,
            Host = only.Host,
            Port = only.Port,
        };
    }

    private static FindCoordinatorResponse.Coordinator Locate(string key, BrokerState? found) => found is { } broker
        ? new FindCoordinatorResponse.Coordinator { Key = key, NodeId = broker.Id, Host = broker.Host, Port = broker.Port, ErrorMessage = "" }
        : Failed(key, ErrorCode.CoordinatorNotAvailable);

    private static FindCoordinatorResponse.Coordinator Failed(string key, ErrorCode error) => new()
    {
        Key = key,
        NodeId = -1,
        Port = -1,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
