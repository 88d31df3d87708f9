namespace Milena.Kafka;

/// <summary>A broker of the cluster.</summary>
/// <param name="Id">The broker's id.</param>
/// <param name="Host">Where it listens.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Rack">The rack or zone that it stands in; null if it has not said.</param>
/// <param name="IsFenced">Whether it is registered but does not serve.</param>
public sealed record BrokerDescription(int Id, string Host, int Port, string? Rack, bool IsFenced);
