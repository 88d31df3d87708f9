namespace Milena.Kafka.Tests.Interop;

/// <summary>What a <see cref="KafkaHomeCluster"/> has beyond one plaintext listener.</summary>
internal sealed record KafkaHomeOptions
{
    /// <summary>Kafka properties that replace or add to those of <see cref="KafkaNodeSettings"/>.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>Names of more listeners; each gets a port on every node. Their protocols stand in <c>listener.security.protocol.map</c>.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];

    /// <summary>SCRAM credentials that are there from the beginning: <c>SCRAM-SHA-256=[name=alice,password=secret]</c>.</summary>
    public IReadOnlyList<string> ScramCredentials { get; init; } = [];

    /// <summary>Options of the brokers' Java.</summary>
    public IReadOnlyList<string> JavaOptions { get; init; } = [];
}
