using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>A member as an assignor sees it: the topics that it wants and what it was to have until now. Immutable.</summary>
internal sealed record Assignee(string MemberId, string? InstanceId, IReadOnlyList<CatalogTopic> Topics, PartitionSet Current);
