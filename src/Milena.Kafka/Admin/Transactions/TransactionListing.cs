namespace Milena.Kafka;

/// <summary>A transactional id as it is listed.</summary>
/// <param name="TransactionalId">The transactional id.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record TransactionListing(string TransactionalId, long ProducerId, TransactionState State, int CoordinatorId);
