using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Configs;

/// <summary>A change of one setting.</summary>
internal readonly record struct ConfigEdit(string Name, AlterConfigOp Operation, string? Value);
