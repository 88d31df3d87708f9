namespace Milena.Kafka;

/// <summary>A topic of a topology's own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="ReplicationFactor">How many brokers hold each partition.</param>
/// <param name="Configs">Its settings by Kafka's names.</param>
public sealed record StreamsTopic(string Name, int Partitions, short ReplicationFactor, IReadOnlyDictionary<string, string> Configs);
