using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What came of a request to commit.</summary>
/// <param name="Stored">What the group has stored.</param>
/// <param name="Refusal">For what reason of membership it did not take the rest; none if it took all.</param>
/// <param name="Failure">What else went wrong.</param>
internal readonly record struct CommitOutcome(IReadOnlyList<PartitionOffset> Stored, ErrorCode Refusal, KafkaException? Failure);
