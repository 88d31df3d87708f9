namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Where a member of a KIP-848 group stands.</summary>
internal enum ConsumerMembershipState
{
    /// <summary>Not in the group; joins when there is a reason to, and nothing is owned any more.</summary>
    Unjoined,

    /// <summary>Asks to be let in, with epoch 0.</summary>
    Joining,

    /// <summary>In the group. Sends heartbeats, whatever is being given up or taken meanwhile.</summary>
    Member,

    /// <summary>Tells the coordinator that it goes.</summary>
    Leaving,

    /// <summary>Has left for good.</summary>
    Left,

    /// <summary>Was refused; nothing happens until the user, who is told, reads on.</summary>
    Halted,

    /// <summary>Another consumer has taken over its instance id; it can never come back.</summary>
    Fenced,
}
