namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>What a member says it holds.</summary>
/// <param name="Member">The member.</param>
/// <param name="Partitions">The partitions.</param>
/// <param name="Generation">The generation in which it got them; -1 if it is not known.</param>
internal sealed record OwnershipClaim(MemberSubscription Member, IReadOnlyList<TopicPartition> Partitions, int Generation);
