namespace Milena.Kafka;

/// <summary>Where a controller listens.</summary>
/// <param name="Listener">The name of the listener, such as <c>CONTROLLER</c>.</param>
/// <param name="Host">The host.</param>
/// <param name="Port">The port.</param>
public sealed record RaftEndpoint(string Listener, string Host, ushort Port);
