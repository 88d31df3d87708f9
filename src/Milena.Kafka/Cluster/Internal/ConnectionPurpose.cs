namespace Milena.Kafka.Cluster.Internal;

/// <summary>What a connection is for. A broker answers one connection in order, so a long poll must not stand before anything else.</summary>
internal enum ConnectionPurpose
{
    /// <summary>Metadata, look-ups, administration.</summary>
    General,

    /// <summary>Produce requests.</summary>
    Produce,

    /// <summary>Fetch requests, which wait at the broker.</summary>
    Fetch,

    /// <summary>Joins, heartbeats, commits.</summary>
    Coordination,
}
