namespace Milena.Kafka.Testing.State;

/// <summary>A topic that is to be created; -1 stands for the broker's default.</summary>
internal sealed record NewTopic(
    string Name,
    int Partitions,
    int ReplicationFactor,
    IReadOnlyList<IReadOnlyList<int>>? Assignments,
    IEnumerable<KeyValuePair<string, string?>> Configs);
