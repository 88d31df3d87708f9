namespace Milena.Kafka;

/// <summary>The protocol that a group follows.</summary>
public enum GroupType
{
    /// <summary>One that this client has no name for, or that the broker did not tell (before Kafka 3.8).</summary>
    Unknown,

    /// <summary>The protocol in which members assign partitions; also groups that only store offsets, and Kafka Connect's.</summary>
    Classic,

    /// <summary>The consumer protocol of KIP-848, in which brokers assign partitions.</summary>
    Consumer,

    /// <summary>Share groups (KIP-932).</summary>
    Share,

    /// <summary>The Streams protocol of KIP-1071.</summary>
    Streams,
}
