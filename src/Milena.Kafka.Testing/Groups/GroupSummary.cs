namespace Milena.Kafka.Testing.Groups;

/// <summary>A group as it is listed.</summary>
internal readonly record struct GroupSummary(string State, string ProtocolType, string Type);
