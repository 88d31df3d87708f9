using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Another consumer has joined the group with the same <see cref="ConsumerOptions.GroupInstanceId"/> and taken this one's place (KIP-345). This consumer can only be disposed.</summary>
public sealed class FencedInstanceException : GroupException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="instanceId">The instance id that is used twice.</param>
    public FencedInstanceException(string groupId, string? instanceId)
        : base(
            groupId,
            ErrorCode.FencedInstanceId,
            $"Group '{groupId}': another consumer has joined with GroupInstanceId '{instanceId}' and taken the place of this one. Give each running consumer an instance id of its own.")
    {
        InstanceId = instanceId;
    }

    /// <summary>The instance id that is used twice.</summary>
    public string? InstanceId { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
