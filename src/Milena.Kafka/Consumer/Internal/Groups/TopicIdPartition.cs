namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>A partition as a KIP-848 coordinator names it: a topic that was made anew under the same name is another.</summary>
internal readonly record struct TopicIdPartition(Guid TopicId, int Partition);
