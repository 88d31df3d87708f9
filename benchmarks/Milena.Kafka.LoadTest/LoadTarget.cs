namespace Milena.Kafka.LoadTest;

/// <summary>Where a client connects to.</summary>
/// <param name="Bootstrap">The brokers as <c>host:port</c>.</param>
/// <param name="AuthorityPem">Whom to trust; null for a cluster without TLS.</param>
internal sealed record LoadTarget(string Bootstrap, string? AuthorityPem)
{
    public KafkaClientOptions Options() => new()
    {
        BootstrapServers = Bootstrap,
        Security = AuthorityPem is null ? new SecurityOptions() : new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { AuthorityPem = AuthorityPem } },
    };
}
