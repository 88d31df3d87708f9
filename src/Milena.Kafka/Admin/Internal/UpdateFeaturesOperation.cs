using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Changes the levels of features. From version 2 on all of them change, or none (KIP-584, KIP-1022).</summary>
internal sealed class UpdateFeaturesOperation : Operation<string, UpdateFeaturesRequest, UpdateFeaturesResponse, bool>
{
    private readonly IReadOnlyDictionary<string, FeatureUpdate> _updates;
    private readonly bool _validateOnly;
    private readonly TimeSpan _timeout;

    public UpdateFeaturesOperation(IReadOnlyDictionary<string, FeatureUpdate> updates, bool validateOnly, TimeSpan timeout)
    {
        _updates = updates;
        _validateOnly = validateOnly;
        _timeout = timeout;
    }

    public override Api Api => Apis.UpdateFeatures;

    public override Route RouteOf(string key) => Route.Controller;

    // Version 0 knows one kind of downgrade, which never loses anything.
    public override short MinVersionOf(string key) => _updates[key].Type == FeatureUpgradeType.UnsafeDowngrade ? (short)1 : (short)0;

    public override UpdateFeaturesRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        ValidateOnly = _validateOnly,
        FeatureUpdates = keys.Select(key => new UpdateFeaturesRequest.FeatureUpdateKey
        {
            Feature = key,
            MaxVersionLevel = _updates[key].Level,
            AllowDowngrade = version == 0 && _updates[key].Type != FeatureUpgradeType.Upgrade,
            UpgradeType = (sbyte)(version == 0 ? FeatureUpgradeType.Upgrade : _updates[key].Type),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<string> keys, UpdateFeaturesResponse response, AnswerSheet<string, bool> answers)
    {
        foreach (string key in keys)
        {
            answers.Note(key, response.ErrorCode, response.ErrorMessage, true);
        }

        if (response.ErrorCode == ErrorCode.None)
        {
            foreach (UpdateFeaturesResponse.UpdatableFeatureResult result in response.Results)
            {
                answers.Note(result.Feature, result.ErrorCode, result.ErrorMessage, true);
            }
        }
    }

    public override string Describe(string key) => $"Setting feature {key} to level {_updates[key].Level}";
}
