using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Changes the levels of features: of all that are named, or of none (KIP-584).</summary>
internal sealed class UpdateFeaturesHandler(ClusterFeatures features) : RequestHandler<UpdateFeaturesRequest, UpdateFeaturesResponse>(Apis.UpdateFeatures)
{
    private const short FirstVersionWithOneResult = 2;

    protected override UpdateFeaturesResponse Handle(UpdateFeaturesRequest request, RequestContext context)
    {
        foreach (UpdateFeaturesRequest.FeatureUpdateKey update in request.FeatureUpdates)
        {
            if (Fault(update, context.Version) is { } fault)
            {
                string words = $"Invalid update version {update.MaxVersionLevel} for feature {update.Feature}. {fault}";
                return new UpdateFeaturesResponse
                {
                    ErrorCode = ErrorCode.InvalidUpdateVersion,
                    ErrorMessage = $"The update failed for all features since the following feature had an error: {words}",
                };
            }
        }

        if (!request.ValidateOnly)
        {
            foreach (UpdateFeaturesRequest.FeatureUpdateKey update in request.FeatureUpdates)
            {
                Find(update.Feature)!.Change?.Invoke(update.MaxVersionLevel);
            }
        }

        return new UpdateFeaturesResponse
        {
            ErrorMessage = null,
            Results = context.Version < FirstVersionWithOneResult
                ? [.. request.FeatureUpdates.Select(update => new UpdateFeaturesResponse.UpdatableFeatureResult { Feature = update.Feature, ErrorMessage = null })]
                : [],
        };
    }

    protected override UpdateFeaturesResponse Fail(UpdateFeaturesRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private ClusterFeature? Find(string name) => features.All.FirstOrDefault(feature => feature.Name == name);

    private string? Fault(UpdateFeaturesRequest.FeatureUpdateKey update, short version)
    {
        FeatureUpgradeType type = version == 0 && update.AllowDowngrade ? FeatureUpgradeType.SafeDowngrade : (FeatureUpgradeType)update.UpgradeType;
        short level = update.MaxVersionLevel;
        if (!Enum.IsDefined(type) || type == FeatureUpgradeType.Unknown)
        {
            return "The controller does not support the given upgrade type.";
        }

        if (Find(update.Feature) is not { } feature)
        {
            return "The controller does not support this feature.";
        }

        if (level < 0)
        {
            return "A feature version cannot be less than 0.";
        }

        if (level < feature.Lowest || level > feature.Highest)
        {
            return $"The controller only supports versions {feature.Lowest}-{feature.Highest}";
        }

        return (level - feature.Level) switch
        {
            < 0 when type == FeatureUpgradeType.Upgrade => "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
            < 0 when feature.Change is null => "Refusing to perform the requested downgrade because it might delete metadata information.",
            > 0 when type != FeatureUpgradeType.Upgrade => "Can't downgrade to a newer version.",
            _ => null,
        };
    }
}
