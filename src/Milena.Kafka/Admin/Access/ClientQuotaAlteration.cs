namespace Milena.Kafka;

/// <summary>How the quotas of an entity are to be changed. Those that are not named stay.</summary>
/// <param name="Entity">Whose.</param>
/// <param name="Values">The quotas by Kafka's names, such as <see cref="ClientQuotaKeys.ProducerByteRate"/>; null removes one.</param>
public sealed record ClientQuotaAlteration(ClientQuotaEntity Entity, IReadOnlyDictionary<string, double?> Values);
