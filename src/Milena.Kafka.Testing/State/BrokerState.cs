namespace Milena.Kafka.Testing.State;

/// <summary>A broker as the cluster knows it. Guarded by <see cref="ClusterState"/>.</summary>
internal sealed class BrokerState(int id, string host, int port, FetchSessions fetchSessions)
{
    public int Id { get; } = id;

    public string Host { get; } = host;

    public int Port { get; } = port;

    public FetchSessions FetchSessions { get; } = fetchSessions;

    public bool IsAlive { get; set; } = true;

    /// <summary>Whether the controller knows it, running or not.</summary>
    public bool IsRegistered { get; set; } = true;
}
