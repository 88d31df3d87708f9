namespace Milena.Kafka.Testing.Quotas;

/// <summary>A limit that holds for a client, and who shares it.</summary>
/// <param name="PerSecond">How much may come in a second.</param>
/// <param name="User">The user whose clients share it; empty if that does not matter.</param>
/// <param name="ClientId">The client id whose clients share it; empty if that does not matter.</param>
internal readonly record struct QuotaLimit(double PerSecond, string User, string ClientId);
