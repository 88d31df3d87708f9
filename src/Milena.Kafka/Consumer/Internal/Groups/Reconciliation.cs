namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>A change of ownership that the consumer has to carry out, and the membership waits for.</summary>
internal sealed record Reconciliation(ReconciliationKind Kind, IReadOnlyList<TopicPartition> Partitions);
