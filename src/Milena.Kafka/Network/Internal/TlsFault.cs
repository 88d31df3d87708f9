using System.Buffers;

namespace Milena.Kafka.Network.Internal;

/// <summary>Tells what a failed TLS handshake means.</summary>
internal static class TlsFault
{
    private const string PerhapsPlaintext = "The port may belong to a listener without TLS, or the broker refused the client's certificate or TLS version without a word.";

    private static readonly SearchValues<char> EndOfAlert = SearchValues.Create(":;.\r\n'");

    /// <summary>The exception for the caller; null to pass on what it was.</summary>
    /// <param name="name">The broker as <c>host:port</c>.</param>
    /// <param name="certificateFault">What was wrong with the broker's certificate, or null.</param>
    /// <param name="fault">What ended the handshake.</param>
    public static KafkaException? Of(string name, string? certificateFault, Exception fault)
    {
        if (certificateFault is not null)
        {
            return new AuthenticationException(name, TlsConnector.Mechanism, $"{name} is not trusted: {certificateFault}", fault);
        }

        if (AlertOf(fault) is { } alert)
        {
            return new AuthenticationException(name, TlsConnector.Mechanism, $"{name} refused the TLS handshake ({alert}). {Advice(alert)}", fault);
        }

        return fault switch
        {
            System.Security.Authentication.AuthenticationException when IsForeign(fault) =>
                NoTls(name, fault),
            System.Security.Authentication.AuthenticationException =>
                new AuthenticationException(name, TlsConnector.Mechanism, $"The TLS handshake with {name} failed: {fault.Message}", fault),
            IOException => new ConnectionException(name, $"{name} ended the connection during the TLS handshake. {PerhapsPlaintext}", fault),
            _ => null,
        };
    }

    /// <summary>The exception for a port where something else than TLS is spoken.</summary>
    public static AuthenticationException NoTls(string name, Exception fault) =>
        new(name, TlsConnector.Mechanism, $"{name} does not speak TLS. The port belongs to a listener without TLS, or to something else: take SecurityProtocol Plaintext or SaslPlaintext, or another port.", fault);

    /// <summary>The alert that the other side sent, as the TLS library names it; null if there was none.</summary>
    public static string? AlertOf(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            // OpenSSL: "error:0A000412:SSL routines::ssl/tls alert bad certificate", with the version in the place of ssl/tls.
            int start = fault.Message.IndexOf(" alert ", StringComparison.OrdinalIgnoreCase);
            if (start >= 0)
            {
                string rest = fault.Message[(start + " alert ".Length)..];
                int end = rest.AsSpan().IndexOfAny(EndOfAlert);
                return $"alert {(end < 0 ? rest : rest[..end]).Trim()}";
            }
        }

        return null;
    }

    private static bool IsForeign(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains("frame", StringComparison.OrdinalIgnoreCase) || cause.Message.Contains("wrong version number", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string Advice(string alert) => alert switch
    {
        _ when alert.Contains("version", StringComparison.OrdinalIgnoreCase) => "Broker and client have no version of TLS in common; see TlsOptions.Versions.",
        _ when alert.Contains("required", StringComparison.OrdinalIgnoreCase) => "The broker wants a client certificate; see TlsOptions.ClientCertificate.",
        _ => "The broker may want a client certificate, or does not trust the one that it got; see TlsOptions.ClientCertificate.",
    };
}
