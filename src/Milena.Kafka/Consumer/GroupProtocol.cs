namespace Milena.Kafka;

/// <summary>How members of a group agree on who reads what.</summary>
public enum GroupProtocol
{
    /// <summary>The best that client and brokers both speak. At present the same as <see cref="Classic"/>.</summary>
    Auto,

    /// <summary>A member shares out the partitions and all others wait for it. All brokers speak it.</summary>
    Classic,

    /// <summary>The broker shares out the partitions (KIP-848). Not spoken yet.</summary>
    Consumer,
}
