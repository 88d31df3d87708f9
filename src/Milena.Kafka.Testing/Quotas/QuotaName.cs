namespace Milena.Kafka.Testing.Quotas;

/// <summary>A name in a <see cref="QuotaEntity"/>; null stands for all that have no quota of their own.</summary>
internal readonly record struct QuotaName(string? Name);
