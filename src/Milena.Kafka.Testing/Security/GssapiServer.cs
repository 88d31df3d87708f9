using System.Buffers;
using System.Net;
using System.Net.Security;

namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of GSSAPI (RFC 4752), by the system's Kerberos; no security layer is offered, as in Kafka.</summary>
internal sealed class GssapiServer : ISaslServer
{
    private readonly NegotiateAuthentication _context = new(new NegotiateAuthenticationServerOptions
    {
        Package = "Kerberos",
        Credential = CredentialCache.DefaultNetworkCredentials,
        RequiredProtectionLevel = ProtectionLevel.Sign,
    });

    private Step _step;

    private enum Step
    {
        Context,
        Offer,
        Choice,
    }

    public string Mechanism => "GSSAPI";

    public ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => new(_step switch
    {
        Step.Context => Negotiate(message),
        Step.Offer => Offer(),
        _ => Choose(message),
    });

    public void Dispose() => _context.Dispose();

    private SaslStep Negotiate(ReadOnlyMemory<byte> message)
    {
        byte[]? token = _context.GetOutgoingBlob(message.Span, out NegotiateAuthenticationStatusCode status);
        if (status is not (NegotiateAuthenticationStatusCode.Completed or NegotiateAuthenticationStatusCode.ContinueNeeded))
        {
            return SaslStep.Refuse($"GSSAPI failed: {status}");
        }

        if (status == NegotiateAuthenticationStatusCode.Completed)
        {
            _step = Step.Offer;
            if (token is null or { Length: 0 })
            {
                return Offer();
            }
        }

        return SaslStep.Continue(token ?? []);
    }

    private SaslStep Offer()
    {
        _step = Step.Choice;
        var offer = new ArrayBufferWriter<byte>();
        NegotiateAuthenticationStatusCode status = _context.Wrap([1, 0, 0, 0], offer, requestEncryption: false, out _);
        return status == NegotiateAuthenticationStatusCode.Completed ? SaslStep.Continue(offer.WrittenSpan.ToArray()) : SaslStep.Refuse($"GSSAPI failed: {status}");
    }

    private SaslStep Choose(ReadOnlyMemory<byte> message)
    {
        var choice = new ArrayBufferWriter<byte>();
        NegotiateAuthenticationStatusCode status = _context.Unwrap(message.ToArray(), choice, out _);
        if (status != NegotiateAuthenticationStatusCode.Completed || choice.WrittenCount < 4 || choice.WrittenSpan[0] != 1)
        {
            return SaslStep.Refuse($"GSSAPI failed: {status}");
        }

        // Kafka's default rule of sasl.kerberos.principal.to.local.rules: the first part of the principal.
        string principal = _context.RemoteIdentity.Name ?? "";
        return SaslStep.Done(principal.Split('@')[0].Split('/')[0]);
    }
}
