namespace Milena.Kafka;

/// <summary>Told when the group gives partitions to a consumer or takes them. One call at a time, in the order revoked or lost, then assigned.</summary>
/// <remarks>
/// Calls may commit and seek. They come from a thread of the consumer while the loop may still be running; nothing of the partitions in question is handed out meanwhile.
/// The group waits for them, at most <see cref="ConsumerOptions.RebalanceTimeout"/>, and a quarter of <see cref="ConsumerOptions.CloseTimeout"/> while the consumer closes: then the token is set off and
/// the consumer goes on without them. A loop that ends with its membership ends after the call that says what is lost. What a call throws ends the loop once, as the inner exception of a
/// <see cref="KafkaException"/>.
/// </remarks>
public interface IRebalanceListener
{
    /// <summary>Partitions were added. Reading begins at their committed offsets after this returns, or where it seeks to.</summary>
    /// <param name="partitions">The added partitions; none if the group has rebalanced without a change for this consumer.</param>
    /// <param name="cancellationToken">Set off when the group waits no longer.</param>
    ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Partitions go to another member, or the consumer closes. What the loop has finished can still be committed; automatic commits are done already.</summary>
    /// <param name="partitions">The partitions that go.</param>
    /// <param name="cancellationToken">Set off when the group waits no longer.</param>
    ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Partitions are gone already, and another member may be at them. Commits are refused.</summary>
    /// <param name="partitions">The partitions that are gone.</param>
    /// <param name="cancellationToken">Set off when the consumer waits no longer.</param>
    ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => OnRevokedAsync(partitions, cancellationToken);
}
