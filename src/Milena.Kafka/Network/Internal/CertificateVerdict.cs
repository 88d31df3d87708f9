using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Milena.Kafka.Network.Internal;

/// <summary>Judges the certificate of one broker, and keeps what was wrong with it for the message.</summary>
internal sealed class CertificateVerdict(TlsOptions options, string host)
{
    /// <summary>What is wrong and what to do about it; null if nothing is.</summary>
    public string? Fault { get; private set; }

    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (options.ServerCertificateValidation is { } own)
        {
            bool accepted = own(sender, certificate, chain, errors);
            Fault = accepted ? null : "its certificate was refused by ServerCertificateValidation.";
            return accepted;
        }

        if (options.DangerouslyAcceptAnyHostName)
        {
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        }

        Fault = Describe(certificate, chain, errors);
        return Fault is null;
    }

    private string? Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it showed no certificate.";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return OfChain(certificate, chain);
        }

        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"its certificate is not for the host '{host}' but for {Names(certificate)}. Connect by a name that stands in the certificate."
            : null;
    }

    private static string OfChain(X509Certificate? certificate, X509Chain? chain)
    {
        X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        string subject = certificate?.Subject ?? "?";
        if (flags.HasFlag(X509ChainStatusFlags.Revoked))
        {
            return $"its certificate ({subject}) has been revoked.";
        }

        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return $"its certificate ({subject}) or one that signed it is expired or not yet valid; it is valid from {certificate?.GetEffectiveDateString()} to {certificate?.GetExpirationDateString()}.";
        }

        if (flags.HasFlag(X509ChainStatusFlags.UntrustedRoot) && certificate?.Subject == certificate?.Issuer)
        {
            return $"its certificate ({subject}) is signed by itself, and not among the trusted authorities. Name it in TlsOptions.Authorities or AuthorityFile if it is to be trusted.";
        }

        if ((flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            return $"its certificate ({subject}) is signed by an authority that is not trusted: {certificate?.Issuer}. Name the authority in TlsOptions.Authorities or AuthorityFile.";
        }

        if ((flags & (X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation)) != 0)
        {
            return $"it cannot be found out whether its certificate ({subject}) has been revoked.";
        }

        return $"its certificate ({subject}) is not valid: {flags}.";
    }

    private static string Names(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 full)
        {
            return "another";
        }

        string[] names = [.. full.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))];
        return names.Length > 0 ? string.Join(", ", names) : full.Subject;
    }
}
