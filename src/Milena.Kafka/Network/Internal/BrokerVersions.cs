using System.Collections.Frozen;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Network.Internal;

/// <summary>What one broker said it speaks, and the choice of versions that follows. Immutable.</summary>
internal sealed class BrokerVersions
{
    private readonly FrozenDictionary<ApiKey, VersionRange> _ranges;
    private readonly FrozenDictionary<string, short> _features;
    private readonly string _broker;
    private readonly bool _allowUnstable;

    /// <summary>Keeps what an answer says.</summary>
    /// <param name="broker">The broker as <c>host:port</c>, for messages.</param>
    /// <param name="answer">The broker's answer.</param>
    /// <param name="allowUnstable">Whether versions that no release has yet may be chosen.</param>
    public BrokerVersions(string broker, ApiVersionsResponse answer, bool allowUnstable)
    {
        _broker = broker;
        _allowUnstable = allowUnstable;
        _ranges = answer.ApiKeys
            .DistinctBy(api => api.ApiKey)
            .ToFrozenDictionary(api => (ApiKey)api.ApiKey, api => new VersionRange(api.MinVersion, api.MaxVersion));
        _features = answer.FinalizedFeatures
            .DistinctBy(feature => feature.Name)
            .ToFrozenDictionary(feature => feature.Name, feature => feature.MaxVersionLevel, StringComparer.Ordinal);
        FinalizedFeaturesEpoch = answer.FinalizedFeaturesEpoch;
    }

    /// <summary>The versions of each API that the broker listed.</summary>
    public IReadOnlyDictionary<ApiKey, VersionRange> Ranges => _ranges;

    /// <summary>Finalized features and their levels (KIP-584).</summary>
    public IReadOnlyDictionary<string, short> FinalizedFeatures => _features;

    /// <summary>Counts the changes of the finalized features; -1 if the broker did not say.</summary>
    public long FinalizedFeaturesEpoch { get; }

    /// <summary>The level of a finalized feature, such as <c>transaction.version</c>; 0 if the cluster has none.</summary>
    public short FeatureLevel(string feature) => _features.GetValueOrDefault(feature);

    /// <summary>Whether there is a version of an API that both sides know.</summary>
    public bool Supports(Api api) => TryNegotiate(api, short.MaxValue, out _);

    /// <summary>The highest version of an API that both sides know.</summary>
    /// <param name="api">The API.</param>
    /// <param name="maxVersion">Choose none above this.</param>
    /// <exception cref="UnsupportedVersionException">There is none.</exception>
    public short Negotiate(Api api, short maxVersion = short.MaxValue) =>
        TryNegotiate(api, maxVersion, out short version) ? version : throw NoCommonVersion(api, maxVersion);

    /// <summary>Looks for the highest version of an API that both sides know.</summary>
    /// <param name="api">The API.</param>
    /// <param name="maxVersion">Choose none above this.</param>
    /// <param name="version">The version that was found.</param>
    public bool TryNegotiate(Api api, short maxVersion, out short version)
    {
        version = -1;
        if (!_ranges.TryGetValue(api.Key, out VersionRange theirs))
        {
            return false;
        }

        short highest = Math.Min(Math.Min(theirs.Highest, OurHighest(api)), maxVersion);
        if (highest < Math.Max(theirs.Lowest, api.LowestVersion))
        {
            return false;
        }

        version = highest;
        return true;
    }

    private short OurHighest(Api api) => _allowUnstable ? api.HighestVersion : api.HighestStableVersion;

    private UnsupportedVersionException NoCommonVersion(Api api, short maxVersion)
    {
        string theirs = _ranges.TryGetValue(api.Key, out VersionRange range) ? $"speaks {api.Key} in versions {range}" : $"does not offer {api.Key}";
        string ours = OurHighest(api) < api.LowestVersion
            ? "this client knows unreleased versions only"
            : $"this client speaks versions {new VersionRange(api.LowestVersion, OurHighest(api))}";
        string limit = maxVersion < OurHighest(api) ? $" and this request needs one up to {maxVersion}" : "";
        return new UnsupportedVersionException($"The broker {_broker} {theirs}; {ours}{limit}. They have none in common: the broker needs another release, or the feature is switched off there.");
    }
}
