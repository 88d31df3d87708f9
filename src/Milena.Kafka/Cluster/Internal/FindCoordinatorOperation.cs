using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Asks which broker coordinates groups or transactions. One key a request below version 4 (KIP-699).</summary>
internal sealed class FindCoordinatorOperation : Operation<CoordinatorKey, FindCoordinatorRequest, FindCoordinatorResponse, BrokerEndpoint>
{
    private const short FirstVersionOfLists = 4;

    public override Api Api => Apis.FindCoordinator;

    public override Route RouteOf(CoordinatorKey key) => Route.Any;

    public override int KeysPerRequest(short version) => version >= FirstVersionOfLists ? int.MaxValue : 1;

    public override FindCoordinatorRequest CreateRequest(IReadOnlyList<CoordinatorKey> keys, short version)
    {
        var request = new FindCoordinatorRequest { KeyType = (sbyte)keys[0].Type };
        if (version >= FirstVersionOfLists)
        {
            request.CoordinatorKeys.AddRange(keys.Select(k => k.Key));
        }
        else
        {
            request.Key = keys[0].Key;
        }

        return request;
    }

    public override void Read(IReadOnlyList<CoordinatorKey> keys, FindCoordinatorResponse response, AnswerSheet<CoordinatorKey, BrokerEndpoint> answers)
    {
        if (response.Coordinators.Count == 0)
        {
            Note(keys[0], response.ErrorCode, response.ErrorMessage, new BrokerEndpoint(response.NodeId, response.Host, response.Port, null), answers);
        }

        foreach (FindCoordinatorResponse.Coordinator found in response.Coordinators)
        {
            var endpoint = new BrokerEndpoint(found.NodeId, found.Host, found.Port, null);
            Note(keys[0] with { Key = found.Key }, found.ErrorCode, found.ErrorMessage, endpoint, answers);
        }
    }

    private static void Note(CoordinatorKey key, ErrorCode error, string? detail, BrokerEndpoint endpoint, AnswerSheet<CoordinatorKey, BrokerEndpoint> answers)
    {
        if (error == ErrorCode.None)
        {
            answers.Succeed(key, endpoint);
        }
        else
        {
            answers.Fail(key, error, detail);
        }
    }
}
