namespace Milena.Kafka.Testing.State;

/// <summary>How a fetch names a partition: its topic by name or, from version 13 on, by id.</summary>
internal readonly record struct FetchKey(string Topic, Guid TopicId, int Partition);
