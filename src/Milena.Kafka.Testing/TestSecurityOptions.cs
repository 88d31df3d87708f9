using System.Security.Authentication;

namespace Milena.Kafka.Testing;

/// <summary>What the brokers of a <see cref="TestCluster"/> demand of their clients. All brokers have one listener, which is set up so.</summary>
public sealed class TestSecurityOptions
{
    /// <summary>TLS on the listener.</summary>
    /// <value><see langword="null"/>: none.</value>
    public TestTlsOptions? Tls { get; set; }

    /// <summary>SASL on the listener.</summary>
    /// <value><see langword="null"/>: none.</value>
    public TestSaslOptions? Sasl { get; set; }

    /// <summary>Who may do what.</summary>
    /// <value><see langword="null"/>: everyone may do everything.</value>
    public TestAuthorizationOptions? Authorization { get; set; }

    internal TestSecurityOptions Copy() => new() { Tls = Tls?.Copy(), Sasl = Sasl?.Copy(), Authorization = Authorization?.Copy() };

    internal IEnumerable<string> Faults()
    {
        if (Tls is { Versions: var versions } && (versions & (SslProtocols.Tls12 | SslProtocols.Tls13)) == 0)
        {
            yield return "Security.Tls.Versions must have TLS 1.2 or 1.3";
        }

        foreach (string fault in Sasl?.Faults() ?? [])
        {
            yield return fault;
        }
    }
}
