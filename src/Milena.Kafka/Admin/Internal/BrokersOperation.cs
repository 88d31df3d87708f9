using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Asks any broker which brokers there are now.</summary>
internal sealed class BrokersOperation : SingleOperation<MetadataRequest, MetadataResponse, IReadOnlyList<int>>
{
    public override Api Api => Apis.Metadata;

    public override string Describe(Route key) => "Learning the brokers of the cluster";

    // No topics, which only version 0 takes for all.
    protected override MetadataRequest CreateRequest(short version) => new() { Topics = [], AllowAutoTopicCreation = version < 4 };

    protected override IReadOnlyList<int> Read(MetadataResponse response) => [.. response.Brokers.Select(broker => broker.NodeId)];
}
