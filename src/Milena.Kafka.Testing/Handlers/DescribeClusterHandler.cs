using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells cluster id, controller and brokers.</summary>
internal sealed class DescribeClusterHandler() : RequestHandler<DescribeClusterRequest, DescribeClusterResponse>(Apis.DescribeCluster)
{
    private const sbyte Brokers = 1;

    protected override DescribeClusterResponse Handle(DescribeClusterRequest request, RequestContext context)
    {
        if (request.EndpointType != Brokers)
        {
            return Fail(request, request.EndpointType == 2 ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType, context);
        }

        return new DescribeClusterResponse
        {
            ClusterId = context.Cluster.ClusterId,
            ControllerId = context.Cluster.ControllerId,
            Brokers = [.. (request.IncludeFencedBrokers ? context.Cluster.RegisteredBrokers : context.Cluster.AliveBrokers).Select(broker => new DescribeClusterResponse.DescribeClusterBroker
            {
                BrokerId = broker.Id,
                Host = broker.Host,
                Port = broker.Port,
                IsFenced = request.IncludeFencedBrokers && !broker.IsAlive,
            })],
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Of(ResourceType.Cluster, RequestContext.ClusterName, context) : AuthorizedOperations.NotAsked,
        };
    }

    protected override DescribeClusterResponse Fail(DescribeClusterRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
