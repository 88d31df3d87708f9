namespace Milena.Kafka.Consumer.Internal;

/// <summary>How far an assigned partition has come.</summary>
internal enum PartitionPhase
{
    /// <summary>Its topic and start position have to be looked up.</summary>
    Unplaced,

    /// <summary>They are being looked up.</summary>
    Placing,

    /// <summary>It has an offset and can be fetched.</summary>
    Fetching,

    /// <summary>It failed; nothing happens until the user, who is told, reads on.</summary>
    Halted,
}
