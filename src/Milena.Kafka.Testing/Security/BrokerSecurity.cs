using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka.Testing.Security;

/// <summary>What the brokers of a cluster demand of clients, and the users and rules that they know.</summary>
internal sealed class BrokerSecurity
{
    private readonly TestTlsOptions? _tls;
    private readonly Lazy<X509Certificate2>? _generated;
    private readonly string _host;
    private readonly TimeProvider _time;

    public BrokerSecurity(TestSecurityOptions options, string host, TimeProvider time)
    {
        _host = host;
        _time = time;
        _tls = options.Tls;
        Sasl = options.Sasl;
        Users = new UserStore(options.Sasl);
        Tokens = new TokenStore(options.Sasl, time);
        Authorizer = options.Authorization is { } authorization ? new Authorizer(authorization) : null;
        _generated = _tls is { ServerCertificate: null } tls ? new Lazy<X509Certificate2>(() => tls.Certificates.CreateServer("localhost", host)) : null;
    }

    /// <summary>Null: no SASL.</summary>
    public TestSaslOptions? Sasl { get; }

    public UserStore Users { get; }

    public TokenStore Tokens { get; }

    /// <summary>Null: everyone may do everything.</summary>
    public Authorizer? Authorizer { get; }

    public bool UsesTls => _tls is not null;

    /// <summary>What a handshake goes by.</summary>
    public SslServerAuthenticationOptions TlsSettings() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(_generated?.Value ?? _tls!.ServerCertificate!(), null, offline: true),
        EnabledSslProtocols = _tls!.Versions,
        ClientCertificateRequired = _tls.ClientCertificates != TestClientCertificates.None,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => Accepts(certificate),
    };

    /// <summary>The broker's side of a mechanism; null if it is not offered.</summary>
    public ISaslServer? CreateServer(string mechanism) => Sasl is null || !Sasl.Mechanisms.Contains(mechanism) ? null : mechanism switch
    {
        "PLAIN" => new PlainServer(Users),
        "SCRAM-SHA-256" => new ScramServer(ScramHash.Sha256, Users, Tokens),
        "SCRAM-SHA-512" => new ScramServer(ScramHash.Sha512, Users, Tokens),
        "OAUTHBEARER" => new OAuthBearerServer(Sasl),
        "GSSAPI" => new GssapiServer(),
        "AWS_MSK_IAM" => new AwsMskIamServer(Users, _host, _time),
        _ => null,
    };

    private bool Accepts(X509Certificate? certificate)
    {
        if (certificate is null)
        {
            return _tls!.ClientCertificates != TestClientCertificates.Required;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_tls!.Certificates.Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build((X509Certificate2)certificate);
    }
}
