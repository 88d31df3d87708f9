namespace Milena.Kafka;

/// <summary>A topic to be created.</summary>
/// <param name="Name">1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'.</param>
public sealed record NewTopic(string Name)
{
    /// <summary>How many partitions.</summary>
    /// <value>Null: what the brokers are set to (<c>num.partitions</c>; needs brokers from 2.4, KIP-464).</value>
    public int? Partitions { get; init; }

    /// <summary>How many brokers hold each partition.</summary>
    /// <value>Null: what the brokers are set to (<c>default.replication.factor</c>; needs brokers from 2.4, KIP-464).</value>
    public short? ReplicationFactor { get; init; }

    /// <summary>Settings of the topic by Kafka's names, such as <c>cleanup.policy</c>.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();
}
