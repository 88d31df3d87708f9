using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Groups;

/// <summary>A group does not do what it is asked for. Thrown before anything has changed.</summary>
internal sealed class GroupRefusalException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code { get; } = code;
}
