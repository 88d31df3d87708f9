namespace Milena.Kafka.Consumer.Internal;

/// <summary>A partition as fetch requests name it: by topic id from version 13 on, by topic name below.</summary>
/// <param name="TopicId">The topic's id, or empty.</param>
/// <param name="Topic">The topic's name, or empty.</param>
/// <param name="Partition">The partition's number.</param>
internal readonly record struct FetchKey(Guid TopicId, string Topic, int Partition);
