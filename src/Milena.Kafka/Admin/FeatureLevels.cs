namespace Milena.Kafka;

/// <summary>From which level to which.</summary>
/// <param name="Min">The lowest level.</param>
/// <param name="Max">The highest level.</param>
public readonly record struct FeatureLevels(short Min, short Max);
