namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Where a member of a classic group stands.</summary>
internal enum MembershipState
{
    /// <summary>Not in the group, or not in its present generation.</summary>
    Unjoined,

    /// <summary>Gives up partitions before it joins the next generation, or leaves.</summary>
    Revoking,

    /// <summary>Waits for all members to join.</summary>
    Joining,

    /// <summary>Is the leader and works out who gets what.</summary>
    Assigning,

    /// <summary>Waits for what the leader gives it.</summary>
    Syncing,

    /// <summary>Has its assignment and sends heartbeats.</summary>
    Stable,

    /// <summary>Tells the coordinator that it goes.</summary>
    Leaving,

    /// <summary>Has left for good.</summary>
    Left,

    /// <summary>Was refused; nothing happens until the user, who is told, reads on.</summary>
    Halted,

    /// <summary>Another consumer has taken over its instance id; it can never come back.</summary>
    Fenced,
}
