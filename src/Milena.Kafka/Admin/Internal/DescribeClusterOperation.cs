using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes the cluster and its brokers.</summary>
internal sealed class DescribeClusterOperation : SingleOperation<DescribeClusterRequest, DescribeClusterResponse, ClusterDescription>
{
    private readonly DescribeClusterOptions _options;

    public DescribeClusterOperation(DescribeClusterOptions options) => _options = options;

    public override Api Api => Apis.DescribeCluster;

    public override string Describe(Route key) => "Describing the cluster";

    protected override DescribeClusterRequest CreateRequest(short version) => new()
    {
        IncludeClusterAuthorizedOperations = _options.IncludeAuthorizedOperations,
        IncludeFencedBrokers = _options.IncludeFencedBrokers,
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeClusterResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override ClusterDescription Read(DescribeClusterResponse response) => new(
        response.ClusterId,
        response.ControllerId < 0 ? null : response.ControllerId,
        [.. response.Brokers.Select(b => new BrokerDescription(b.BrokerId, b.Host, b.Port, b.Rack, b.IsFenced)).OrderBy(b => b.Id)])
    {
        AuthorizedOperations = AuthorizedOperations.Read(response.ClusterAuthorizedOperations),
    };
}
