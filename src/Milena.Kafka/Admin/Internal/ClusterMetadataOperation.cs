using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes the cluster with Metadata, for brokers before 2.8.</summary>
internal sealed class ClusterMetadataOperation : SingleOperation<MetadataRequest, MetadataResponse, ClusterDescription>
{
    // The rights on the cluster moved to DescribeCluster then.
    private const short LastVersionWithClusterRights = 10;

    private readonly bool _includeAuthorizedOperations;

    public ClusterMetadataOperation(bool includeAuthorizedOperations) => _includeAuthorizedOperations = includeAuthorizedOperations;

    public override Api Api => Apis.Metadata;

    public override short MaxVersion => _includeAuthorizedOperations ? LastVersionWithClusterRights : short.MaxValue;

    public override string Describe(Route key) => "Describing the cluster";

    protected override MetadataRequest CreateRequest(short version) => new()
    {
        Topics = [],
        AllowAutoTopicCreation = version < 4,
        IncludeClusterAuthorizedOperations = _includeAuthorizedOperations,
    };

    protected override ClusterDescription Read(MetadataResponse response) => new(
        response.ClusterId,
        response.ControllerId < 0 ? null : response.ControllerId,
        [.. response.Brokers.Select(b => new BrokerDescription(b.NodeId, b.Host, b.Port, b.Rack, IsFenced: false)).OrderBy(b => b.Id)])
    {
        AuthorizedOperations = AuthorizedOperations.Read(response.ClusterAuthorizedOperations),
    };
}
