namespace Milena.Kafka;

/// <summary>How the offsets of groups are listed.</summary>
public sealed class ListGroupOffsetsOptions : AdminOptions
{
    /// <summary>Whether offsets that a transaction is about to change are waited for (KIP-447).</summary>
    /// <value>False: what is committed now is told. Needs brokers from 2.5.</value>
    public bool RequireStable { get; init; }
}
