using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lets a client choose its SASL mechanism.</summary>
internal sealed class SaslHandshakeHandler() : RequestHandler<SaslHandshakeRequest, SaslHandshakeResponse>(Apis.SaslHandshake)
{
    protected override SaslHandshakeResponse Handle(SaslHandshakeRequest request, RequestContext context)
    {
        ErrorCode error = context.Client.Sasl.Begin(request.Mechanism, isBare: context.Version == 0);
        context.ClosesConnection = error == ErrorCode.UnsupportedSaslMechanism;
        return Fail(request, error, context);
    }

    protected override SaslHandshakeResponse Fail(SaslHandshakeRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        Mechanisms = [.. context.Security.Sasl?.Mechanisms ?? []],
    };
}
