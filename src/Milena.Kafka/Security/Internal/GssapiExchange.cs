using System.Buffers;
using System.Net;
using System.Net.Security;

namespace Milena.Kafka.Security.Internal;

/// <summary>The client's side of GSSAPI (RFC 4752): a Kerberos context first, then the choice of no security layer, since TLS is there for that.</summary>
internal sealed class GssapiExchange : ISaslExchange
{
    private const byte NoSecurityLayer = 1;

    private readonly string _target;
    private readonly NegotiateAuthentication _context;
    private Step _step;

    public GssapiExchange(string target, NetworkCredential credential)
    {
        _target = target;
        _context = new NegotiateAuthentication(new NegotiateAuthenticationClientOptions
        {
            Package = "Kerberos",
            TargetName = target,
            Credential = credential,
            RequiredProtectionLevel = ProtectionLevel.Sign,
            RequireMutualAuthentication = true,
        });
    }

    private enum Step
    {
        Context,
        Layer,
        Done,
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        switch (_step)
        {
            case Step.Context:
                return new(Negotiate(challenge).AsMemory());
            case Step.Layer:
                _step = Step.Done;
                return new(ChooseLayer(challenge).AsMemory());
            default:
                return new(default(ReadOnlyMemory<byte>?));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private byte[] Negotiate(ReadOnlyMemory<byte> challenge)
    {
        byte[]? token = _context.GetOutgoingBlob(challenge.Span, out NegotiateAuthenticationStatusCode status);
        if (status == NegotiateAuthenticationStatusCode.Completed)
        {
            _step = Step.Layer;
        }
        else if (status != NegotiateAuthenticationStatusCode.ContinueNeeded)
        {
            throw Refused(status);
        }

        // The broker waits for a message even when there is nothing more to say.
        return token ?? [];
    }

    private byte[] ChooseLayer(ReadOnlyMemory<byte> challenge)
    {
        // Unwrapping writes over its input.
        byte[] wrapped = challenge.ToArray();
        var offer = new ArrayBufferWriter<byte>();
        NegotiateAuthenticationStatusCode status = _context.Unwrap(wrapped, offer, out _);
        if (status != NegotiateAuthenticationStatusCode.Completed)
        {
            throw Refused(status);
        }

        if (offer.WrittenCount != 4 || (offer.WrittenSpan[0] & NoSecurityLayer) == 0)
        {
            throw new InvalidDataException("The broker demands a security layer of GSSAPI; Kafka has none.");
        }

        var choice = new ArrayBufferWriter<byte>();
        status = _context.Wrap([NoSecurityLayer, 0, 0, 0], choice, requestEncryption: false, out _);
        return status == NegotiateAuthenticationStatusCode.Completed ? choice.WrittenSpan.ToArray() : throw Refused(status);
    }

    private InvalidDataException Refused(NegotiateAuthenticationStatusCode status) => new(status switch
    {
        NegotiateAuthenticationStatusCode.UnknownCredentials =>
            $"Kerberos has no valid credentials for {_target}: no ticket (kinit), a wrong password, or the broker's principal is not known.",
        NegotiateAuthenticationStatusCode.TargetUnknown => $"The key distribution centre does not know the broker's principal {_target}.",
        NegotiateAuthenticationStatusCode.Unsupported => "Kerberos is not there: install the system's GSSAPI library (libgssapi-krb5-2).",
        _ => $"Kerberos failed for {_target}: {status}.",
    });
}
