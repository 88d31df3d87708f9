using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>How a client proves who it is, how it knows who the brokers are, and what others can read on the way.</summary>
/// <remarks><see cref="ToString"/> names neither secrets nor users.</remarks>
public sealed class SecurityOptions
{
    /// <summary>What the brokers' listener expects.</summary>
    /// <value><see cref="SecurityProtocol.Plaintext"/>.</value>
    /// <remarks>Kafka calls this <c>security.protocol</c>.</remarks>
    public SecurityProtocol Protocol { get; set; }

    /// <summary>How TLS is spoken, with <see cref="SecurityProtocol.Ssl"/> and <see cref="SecurityProtocol.SaslSsl"/>.</summary>
    /// <value>TLS 1.2 and 1.3, the system's authorities, no client certificate.</value>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>How the client authenticates, with <see cref="SecurityProtocol.SaslPlaintext"/> and <see cref="SecurityProtocol.SaslSsl"/>.</summary>
    /// <value>Null: not by SASL.</value>
    /// <remarks>Kafka calls this <c>sasl.mechanism</c>.</remarks>
    /// <seealso cref="SaslPlain"/>
    /// <seealso cref="SaslScram"/>
    /// <seealso cref="SaslOAuthBearer"/>
    /// <seealso cref="SaslGssapi"/>
    /// <seealso cref="SaslAwsMskIam"/>
    public ISaslMechanism? Sasl { get; set; }

    internal bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    internal bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <summary>Reads Kafka's own property names, such as <c>security.protocol</c>, <c>ssl.truststore.location</c>, <c>sasl.mechanism</c> and <c>sasl.jaas.config</c>.</summary>
    /// <param name="properties">The properties. Names that begin neither with <c>security.</c>, <c>ssl.</c> nor <c>sasl.</c> are let pass.</param>
    /// <exception cref="ArgumentException">A property is unknown, cannot be honoured (JKS stores, Java classes) or has no valid value; the message names all such, but no values that are secret.</exception>
    public static SecurityOptions FromProperties(IReadOnlyDictionary<string, string> properties) => FromProperties(properties, out _);

    /// <summary>As <see cref="FromProperties(IReadOnlyDictionary{string, string})"/>, for callers who read the rest of the properties themselves.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="unused">The names that were not used, in order: those of other matters, and those that mean nothing with this protocol, such as <c>sasl.mechanism</c> without SASL.</param>
    /// <inheritdoc cref="FromProperties(IReadOnlyDictionary{string, string})"/>
    public static SecurityOptions FromProperties(IReadOnlyDictionary<string, string> properties, out IReadOnlyList<string> unused)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var reader = new SecurityProperties(properties);
        SecurityOptions options = reader.Read();
        unused = [.. reader.Unused];
        return options;
    }

    /// <inheritdoc/>
    public override string ToString() => UsesSasl ? $"{Protocol} ({Sasl?.Name ?? "no mechanism"})" : Protocol.ToString();

    internal SecurityOptions Clone()
    {
        var copy = (SecurityOptions)MemberwiseClone();
        copy.Tls = Tls.Clone();
        return copy;
    }

    internal IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Protocol))
        {
            yield return $"Security.Protocol {(int)Protocol} is none of the four protocols.";
        }

        if (UsesSasl && Sasl is null)
        {
            yield return $"Security.Protocol is {Protocol}, but Security.Sasl names no mechanism.";
        }

        if (!UsesSasl && Sasl is not null)
        {
            yield return $"Security.Sasl is set, but Security.Protocol is {Protocol}; take SaslSsl or SaslPlaintext.";
        }

        if (Tls is null)
        {
            yield return "Security.Tls is null.";
            yield break;
        }

        foreach (string fault in Tls.Faults(UsesTls))
        {
            yield return fault;
        }
    }
}
