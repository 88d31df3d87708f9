namespace Milena.Kafka;

/// <summary>What is known of a record after its delivery has ended.</summary>
public enum DeliveryStatus
{
    /// <summary>The record is surely not in the log; sending it again cannot double it.</summary>
    NotStored,

    /// <summary>The record may or may not be in the log: a broker may have had it and its answer was lost.</summary>
    Unknown,

    /// <summary>The record is in the log. With <see cref="Protocol.Acks.None"/>: it was handed to the network, and nobody knows more. No exception has this status.</summary>
    Stored,
}
