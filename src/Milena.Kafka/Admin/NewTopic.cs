namespace Milena.Kafka;

/// <summary>A topic to be created.</summary>
/// <param name="Name">1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'.</param>
public sealed record NewTopic(string Name)
{
    /// <summary>How many partitions.</summary>
    /// <value>Null: what the brokers are set to (<c>num.partitions</c>; needs brokers from 2.4, KIP-464), or as many as <see cref="Assignments"/> has.</value>
    public int? Partitions { get; init; }

    /// <summary>How many brokers hold each partition.</summary>
    /// <value>Null: what the brokers are set to (<c>default.replication.factor</c>; needs brokers from 2.4, KIP-464), or as <see cref="Assignments"/> says.</value>
    public short? ReplicationFactor { get; init; }

    /// <summary>The brokers of each partition, from partition 0 on, the preferred leader first.</summary>
    /// <value>Null: the controller chooses. Instead of, not beside, <see cref="Partitions"/> and <see cref="ReplicationFactor"/>.</value>
    public IReadOnlyList<IReadOnlyList<int>>? Assignments { get; init; }

    /// <summary>Settings of the topic by Kafka's names, such as <c>cleanup.policy</c>.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();
}
