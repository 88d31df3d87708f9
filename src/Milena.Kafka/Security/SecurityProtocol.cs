namespace Milena.Kafka;

/// <summary>What a listener of the brokers expects of its clients.</summary>
/// <remarks>Kafka calls this <c>security.protocol</c>.</remarks>
public enum SecurityProtocol
{
    /// <summary>Neither encryption nor authentication (<c>PLAINTEXT</c>).</summary>
    Plaintext,

    /// <summary>TLS; the client may show a certificate (<c>SSL</c>).</summary>
    Ssl,

    /// <summary>SASL without encryption (<c>SASL_PLAINTEXT</c>). Passwords and tokens of some mechanisms can be read on the way.</summary>
    SaslPlaintext,

    /// <summary>SASL inside TLS (<c>SASL_SSL</c>).</summary>
    SaslSsl,
}
