using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Asks a broker for the features that it supports and those that the cluster has finalized (KIP-584).</summary>
internal sealed class DescribeFeaturesOperation : SingleOperation<ApiVersionsRequest, ApiVersionsResponse, FeatureDescription>
{
    private static readonly ConnectionOptions Self = new();

    public override Api Api => Apis.ApiVersions;

    // Features came with version 3.
    public override short MinVersionOf(Route key) => 3;

    public override string Describe(Route key) => "Describing the features";

    protected override ApiVersionsRequest CreateRequest(short version) => new()
    {
        ClientSoftwareName = Self.ClientSoftwareName,
        ClientSoftwareVersion = Self.ClientSoftwareVersion,
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(ApiVersionsResponse response) => (response.ErrorCode, null);

    protected override FeatureDescription Read(ApiVersionsResponse response) => new(
        response.SupportedFeatures.ToDictionary(f => f.Name, f => new FeatureLevels(f.MinVersion, f.MaxVersion)),
        response.FinalizedFeatures.ToDictionary(f => f.Name, f => new FeatureLevels(f.MinVersionLevel, f.MaxVersionLevel)),
        response.FinalizedFeaturesEpoch < 0 ? null : response.FinalizedFeaturesEpoch);
}
