using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A topic as it was created, or as it would be if the call only validated.</summary>
/// <param name="Name">The name.</param>
public sealed record CreatedTopic(string Name)
{
    /// <summary>The id; null from brokers before 2.8, and where nothing was created.</summary>
    public Guid? Id { get; init; }

    /// <summary>The number of partitions; null from brokers before 2.4, and where <see cref="ConfigsError"/> says why.</summary>
    public int? Partitions { get; init; }

    /// <summary>The number of replicas; null from brokers before 2.4, and where <see cref="ConfigsError"/> says why.</summary>
    public short? ReplicationFactor { get; init; }

    /// <summary>The settings by name; null from brokers before 2.4, and where <see cref="ConfigsError"/> says why.</summary>
    public IReadOnlyDictionary<string, ConfigEntry>? Configs { get; init; }

    /// <summary>Why the broker does not tell the settings, such as a missing right to describe them (KIP-525).</summary>
    public ErrorCode ConfigsError { get; init; }
}
