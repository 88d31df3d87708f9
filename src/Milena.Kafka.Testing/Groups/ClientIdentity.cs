namespace Milena.Kafka.Testing.Groups;

/// <summary>What a client says that it is, and where it called from.</summary>
internal readonly record struct ClientIdentity(string Id, string Host);
