namespace Milena.Kafka.Network.Internal;

/// <summary>Recognises by their first bytes what people connect to by mistake.</summary>
internal static class ForeignProtocol
{
    private const byte TlsAlert = 0x15;
    private const byte TlsHandshake = 0x16;
    private const byte TlsMajorVersion = 0x03;

    /// <summary>Whether a TLS record begins here.</summary>
    public static bool IsTls(ReadOnlySpan<byte> first) => first[0] is TlsAlert or TlsHandshake && first[1] == TlsMajorVersion;

    /// <summary>Tells what answers instead of Kafka.</summary>
    /// <param name="first">The first four bytes.</param>
    /// <returns>What it is and what to do, or null.</returns>
    public static string? Recognise(ReadOnlySpan<byte> first)
    {
        if (IsTls(first))
        {
            return "it answered with TLS. Set the security protocol to Ssl or SaslSsl, or use the port of a listener without TLS.";
        }

        if (first.SequenceEqual("HTTP"u8))
        {
            return "it answered with HTTP. This is the port of a web server, not of a Kafka listener.";
        }

        return first.SequenceEqual("SSH-"u8) ? "it answered with SSH. This is not the port of a Kafka listener." : null;
    }
}
