namespace Milena.Kafka;

/// <summary>The features of a cluster (KIP-584).</summary>
/// <param name="Supported">The levels that the broker that was asked could work at, by feature, such as <c>metadata.version</c>.</param>
/// <param name="Finalized">The levels that the whole cluster works at.</param>
/// <param name="FinalizedEpoch">Counts the changes of <paramref name="Finalized"/>; null if it is not known.</param>
public sealed record FeatureDescription(IReadOnlyDictionary<string, FeatureLevels> Supported, IReadOnlyDictionary<string, FeatureLevels> Finalized, long? FinalizedEpoch);
