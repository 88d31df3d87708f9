namespace Milena.Kafka;

/// <summary>Whom a client authenticates to.</summary>
/// <param name="Host">The broker's host name as it was connected to.</param>
/// <param name="Port">Its port.</param>
public sealed record SaslTarget(string Host, int Port);
