using System.Net.Security;
using System.Security.Authentication;

namespace Milena.Kafka.Security.Internal;

/// <summary>Turns Kafka's property names into <see cref="SecurityOptions"/>; gathers all faults before it complains. Never shows a value that may be secret.</summary>
internal sealed class SecurityProperties
{
    private readonly IReadOnlyDictionary<string, string> _properties;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly SecurityOptions _options = new();

    public SecurityProperties(IReadOnlyDictionary<string, string> properties)
    {
        _properties = properties;
    }

    public SecurityOptions Read()
    {
        ReadProtocol();
        ReadTls();
        if (_options.UsesSasl)
        {
            _options.Sasl = new SaslProperties(Take, _faults).Read();
        }

        foreach (string name in _properties.Keys.Where(name => IsOurs(name) && !_used.Contains(name) && !IsHarmless(name)).Order(StringComparer.Ordinal))
        {
            _faults.Add(Unsupported(name));
        }

        return _faults.Count == 0 ? _options : throw new ArgumentException($"The security properties cannot be used: {string.Join(" ", _faults)}");
    }

    /// <summary>The names that meant nothing to <see cref="Read"/>, in order.</summary>
    public IEnumerable<string> Unused => _properties.Keys
        .Where(name => !IsHarmless(name) && (!_used.Contains(name) || (name.StartsWith("ssl.", StringComparison.Ordinal) && !_options.UsesTls)))
        .Order(StringComparer.Ordinal);

    /// <summary>A property's value; null if it is not there or empty.</summary>
    private string? Take(string name)
    {
        _used.Add(name);
        return _properties.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    // What means nothing to a listener of this protocol is let pass, as Kafka does: the rest of it may be shared between clients.
    private bool IsOurs(string name) =>
        name.StartsWith("security.", StringComparison.Ordinal)
        || name.StartsWith("ssl.", StringComparison.Ordinal)
        || (name.StartsWith("sasl.", StringComparison.Ordinal) && _options.UsesSasl);

    // These tell Java how to go about what is done here in one way only.
    private static bool IsHarmless(string name) => name is "ssl.protocol" or "ssl.secure.random.implementation"
        or "sasl.login.refresh.window.jitter" or "sasl.login.refresh.min.period.seconds" or "sasl.login.refresh.buffer.seconds"
        or "sasl.login.retry.backoff.ms" or "sasl.login.retry.backoff.max.ms" or "sasl.login.connect.timeout.ms"
        or "sasl.oauthbearer.clock.skew.seconds" or "sasl.oauthbearer.expected.audience" or "sasl.oauthbearer.expected.issuer"
        or "sasl.oauthbearer.scope.claim.name" or "sasl.oauthbearer.sub.claim.name"
        or "sasl.kerberos.min.time.before.relogin" or "sasl.kerberos.ticket.renew.jitter" or "sasl.kerberos.ticket.renew.window.factor"
        || name.StartsWith("sasl.oauthbearer.jwks.", StringComparison.Ordinal);

    private static string Unsupported(string name) => name switch
    {
        "ssl.engine.factory.class" or "ssl.provider" or "security.providers" or "ssl.keymanager.algorithm" or "ssl.trustmanager.algorithm"
            or "sasl.login.class" or "sasl.client.callback.handler.class" or "sasl.kerberos.kinit.cmd" =>
            $"{name} belongs to Java and has no meaning here; remove it.",
        _ => $"{name} is not a security property that this client knows.",
    };

    private void ReadProtocol()
    {
        switch (Take("security.protocol")?.Trim().ToUpperInvariant())
        {
            case null or "PLAINTEXT":
                break;
            case "SSL":
                _options.Protocol = SecurityProtocol.Ssl;
                break;
            case "SASL_PLAINTEXT":
                _options.Protocol = SecurityProtocol.SaslPlaintext;
                break;
            case "SASL_SSL":
                _options.Protocol = SecurityProtocol.SaslSsl;
                break;
            default:
                _faults.Add("security.protocol must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.");
                break;
        }
    }

    private void ReadTls()
    {
        TlsOptions read = new();
        ReadVersions(read);
        ReadCipherSuites(read);
        string? trustStoreType = TakeStoreType("ssl.truststore.type");
        read.AuthorityFile = Take("ssl.truststore.location");
        read.AuthorityPassword = Take("ssl.truststore.password");
        read.AuthorityPem = Take("ssl.truststore.certificates");
        string? keyStoreType = TakeStoreType("ssl.keystore.type");
        read.CertificateFile = Take("ssl.keystore.location");
        read.CertificatePem = Take("ssl.keystore.certificate.chain");
        read.KeyPem = Take("ssl.keystore.key");
        string? storePassword = Take("ssl.keystore.password");
        string? keyPassword = Take("ssl.key.password");
        if (storePassword is not null && keyPassword is not null && storePassword != keyPassword)
        {
            _faults.Add("ssl.key.password differs from ssl.keystore.password; a PKCS#12 file has one password.");
        }

        read.KeyPassword = keyPassword ?? storePassword;
        RefuseJavaStore(read.AuthorityFile, trustStoreType, "ssl.truststore");
        RefuseJavaStore(read.CertificateFile, keyStoreType, "ssl.keystore");
        if (_properties.TryGetValue("ssl.endpoint.identification.algorithm", out string? algorithm))
        {
            _used.Add("ssl.endpoint.identification.algorithm");
            read.DangerouslyAcceptAnyHostName = string.IsNullOrWhiteSpace(algorithm);
            if (!read.DangerouslyAcceptAnyHostName && !algorithm.Equals("https", StringComparison.OrdinalIgnoreCase))
            {
                _faults.Add("ssl.endpoint.identification.algorithm must be https, or empty for no check of the host name.");
            }
        }

        if (_options.UsesTls)
        {
            _options.Tls = read;
            _faults.AddRange(read.Faults(isUsed: true));
        }
    }

    private void ReadVersions(TlsOptions tls)
    {
        if (Take("ssl.enabled.protocols") is not { } list)
        {
            return;
        }

        SslProtocols versions = SslProtocols.None;
        foreach (string version in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (version)
            {
                case "TLSv1.2":
                    versions |= SslProtocols.Tls12;
                    break;
                case "TLSv1.3":
                    versions |= SslProtocols.Tls13;
                    break;
                default:
                    _faults.Add("ssl.enabled.protocols names another version than TLSv1.2 and TLSv1.3.");
                    break;
            }
        }

        tls.Versions = versions;
    }

    private void ReadCipherSuites(TlsOptions tls)
    {
        if (Take("ssl.cipher.suites") is not { } list)
        {
            return;
        }

        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            _faults.Add("ssl.cipher.suites cannot be honoured on this system, whose own policy rules; remove it.");
            return;
        }

        var suites = new List<TlsCipherSuite>();
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Enum.TryParse(name, out TlsCipherSuite suite) && Enum.IsDefined(suite))
            {
                suites.Add(suite);
            }
            else
            {
                _faults.Add("ssl.cipher.suites names a suite that this client does not know.");
            }
        }

        var policy = new CipherSuitesPolicy(suites);
        tls.Configure = settings => settings.CipherSuitesPolicy = policy;
    }

    private string? TakeStoreType(string name)
    {
        string? type = Take(name)?.Trim().ToUpperInvariant();
        if (type is not (null or "PEM" or "PKCS12" or "JKS"))
        {
            _faults.Add($"{name} must be PEM or PKCS12.");
        }

        return type;
    }

    private void RefuseJavaStore(string? file, string? type, string what)
    {
        if (type == "JKS" || (type is null && file is not null && file.EndsWith(".jks", StringComparison.OrdinalIgnoreCase)))
        {
            _faults.Add($"{what} is a JKS store, which only Java reads; convert it with 'keytool -importkeystore -deststoretype PKCS12', or export PEM.");
        }
    }
}
