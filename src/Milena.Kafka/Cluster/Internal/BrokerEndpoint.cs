namespace Milena.Kafka.Cluster.Internal;

/// <summary>Where a broker listens.</summary>
internal sealed record BrokerEndpoint(int Id, string Host, int Port, string? Rack)
{
    public override string ToString() => $"broker {Id} at {Host}:{Port}";
}
