namespace Milena.Kafka.Testing;

/// <summary>Something that a broker could not read or does not serve, and for which it closed the connection.</summary>
/// <param name="BrokerId">The broker.</param>
/// <param name="ConnectionId">The connection, counted from 1 over all brokers.</param>
/// <param name="Reason">What was wrong.</param>
public sealed record RejectedRequest(int BrokerId, long ConnectionId, string Reason);
