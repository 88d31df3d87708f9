namespace Milena.Kafka.Testing.Network;

/// <summary>Who is at the other end of a connection. Owned by the loop of the connection.</summary>
internal sealed class ClientConnection(long id, string host)
{
    /// <summary>Counted from 1 over all brokers.</summary>
    public long Id { get; } = id;

    /// <summary>The client's address, as group members are described.</summary>
    public string Host { get; } = host;

    public string SoftwareName { get; set; } = "";

    public string SoftwareVersion { get; set; } = "";
}
