namespace Milena.Kafka;

/// <summary>Names a member of a group, either by the id that the group gave it or by its own static name.</summary>
public readonly record struct GroupMemberName
{
    private GroupMemberName(string? memberId, string? instanceId)
    {
        MemberId = memberId;
        InstanceId = instanceId;
    }

    /// <summary>The member's id; null where the static name is known instead.</summary>
    public string? MemberId { get; }

    /// <summary>The name of a static member (KIP-345), Kafka's <c>group.instance.id</c>; null for none.</summary>
    public string? InstanceId { get; }

    /// <summary>Names a member by its id in the group.</summary>
    /// <param name="memberId">The id.</param>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static GroupMemberName OfMember(string memberId)
    {
        ArgumentException.ThrowIfNullOrEmpty(memberId);
        return new GroupMemberName(memberId, null);
    }

    /// <summary>Names a static member by the name that it has in its configuration. Needs brokers from 2.4.</summary>
    /// <param name="instanceId">The name, Kafka's <c>group.instance.id</c>.</param>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public static GroupMemberName OfInstance(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return new GroupMemberName(null, instanceId);
    }

    /// <summary>The member, for logs.</summary>
    public override string ToString() => InstanceId is null ? $"member '{MemberId}'" : $"static member '{InstanceId}'";
}
