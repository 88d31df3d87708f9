namespace Milena.Kafka;

/// <summary>A transactional id, and its transaction if there is one.</summary>
/// <param name="TransactionalId">The transactional id.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="ProducerEpoch">The epoch of its producer; those with lower ones are fenced.</param>
/// <param name="Timeout">After how long the coordinator aborts a transaction by itself.</param>
/// <param name="StartedAt">When the open transaction began; null if none is open.</param>
/// <param name="Partitions">What it has written to, as far as this client may see; groups are told as partitions of <c>__consumer_offsets</c>.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record TransactionDescription(
    string TransactionalId,
    TransactionState State,
    long ProducerId,
    short ProducerEpoch,
    TimeSpan Timeout,
    DateTimeOffset? StartedAt,
    IReadOnlyList<TopicPartition> Partitions,
    int CoordinatorId);
