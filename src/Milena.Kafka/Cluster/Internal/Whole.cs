namespace Milena.Kafka.Cluster.Internal;

/// <summary>The only part of an operation that has no parts.</summary>
internal readonly record struct Whole;
