namespace Milena.Kafka.Network.Internal;

/// <summary>Who ended a connection, for those who decide whether to wait before the next one.</summary>
internal enum CloseKind
{
    /// <summary>This client, which needs it no longer.</summary>
    ByClient,

    /// <summary>This client, since it was not used.</summary>
    Idle,

    /// <summary>The other side, between two frames.</summary>
    ByPeer,

    /// <summary>The network, or a peer that ended in mid-frame.</summary>
    Broken,

    /// <summary>This client, since a request was not answered in time.</summary>
    TimedOut,

    /// <summary>This client, since what it received does not follow the protocol.</summary>
    Poisoned,
}
