namespace Milena.Kafka.Testing.Transactions;

/// <summary>Who wants something of a transaction.</summary>
/// <param name="TransactionalId">The transactional id that the producer says it has.</param>
/// <param name="Producer">The identity that it says it has.</param>
/// <param name="Enrols">
/// Whether the request enrols by itself what it writes to (KIP-890 part 2); else it may only write to what was enrolled.
/// </param>
internal readonly record struct TransactionCall(string TransactionalId, ProducerIdentity Producer, bool Enrols);
