namespace Milena.Kafka.Testing.State;

/// <summary>What groups need to know of a topic.</summary>
internal readonly record struct CatalogTopic(string Name, Guid Id, int Partitions);
