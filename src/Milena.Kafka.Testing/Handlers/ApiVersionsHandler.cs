using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Faults;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells which APIs are served and in which versions.</summary>
internal sealed class ApiVersionsHandler(ServedApis served, ClusterFeatures features)
    : RequestHandler<ApiVersionsRequest, ApiVersionsResponse>(Apis.ApiVersions)
{
    /// <summary>The answer, in version 0, to a version that is not known.</summary>
    public static ApiVersionsResponse TooHigh(short lowest, short highest) => new()
    {
        ErrorCode = ErrorCode.UnsupportedVersion,
        ApiKeys = [new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = lowest, MaxVersion = highest }],
    };

    protected override ApiVersionsResponse Handle(ApiVersionsRequest request, RequestContext context)
    {
        if (context.Version >= 3 && !(IsSoftwareName(request.ClientSoftwareName) && IsSoftwareName(request.ClientSoftwareVersion)))
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        // KIP-1242: a client that says whom it means to reach learns that it reached someone else.
        bool namesCluster = request.ClusterId is not null;
        bool namesNode = request.NodeId != -1;
        if (namesCluster != namesNode)
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        if (namesCluster && (request.ClusterId != context.Cluster.ClusterId || request.NodeId != context.Broker.Id))
        {
            return Fail(request, ErrorCode.RebootstrapRequired, context);
        }

        ClusterFeature[] all = [.. features.All];
        return new ApiVersionsResponse
        {
            // Before version 4 a lowest level of 0 cannot be told (KIP-584), so that features are left out.
            SupportedFeatures = context.Version >= 4
                ? [.. all.Select(feature => new ApiVersionsResponse.SupportedFeatureKey { Name = feature.Name, MinVersion = feature.Lowest, MaxVersion = feature.Highest })]
                : [],
            FinalizedFeaturesEpoch = features.Epoch,
            FinalizedFeatures = [.. all.Where(feature => feature.Level > 0).Select(feature => new ApiVersionsResponse.FinalizedFeatureKey
            {
                Name = feature.Name,
                MinVersionLevel = feature.Level,
                MaxVersionLevel = feature.Level,
            })],
            ApiKeys = [.. served.All.Select(entry => new ApiVersionsResponse.ApiVersion
            {
                ApiKey = (short)entry.Api.Key,
                MinVersion = entry.Lowest,
                MaxVersion = entry.Highest,
            })],
        };
    }

    protected override ApiVersionsResponse Fail(ApiVersionsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static bool IsSoftwareName(string name) =>
        name.Length > 0
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
}
