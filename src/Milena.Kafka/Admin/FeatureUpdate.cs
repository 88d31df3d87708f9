using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>The level that a feature is to have.</summary>
/// <param name="Level">The level; 0 switches the feature off.</param>
/// <param name="Type">Whether it may go down, and whether what is lost by that may be lost.</param>
public sealed record FeatureUpdate(short Level, FeatureUpgradeType Type = FeatureUpgradeType.Upgrade);
