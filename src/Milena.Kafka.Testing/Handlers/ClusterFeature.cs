namespace Milena.Kafka.Testing.Handlers;

/// <summary>A feature of the cluster (KIP-584).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Lowest">The lowest level that brokers can work at.</param>
/// <param name="Highest">The highest level that brokers can work at.</param>
/// <param name="Level">The level that they work at.</param>
/// <param name="Change">Changes the level; null if it cannot be changed.</param>
internal sealed record ClusterFeature(string Name, short Lowest, short Highest, short Level, Action<short>? Change);
