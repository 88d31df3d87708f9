using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Carries the messages of SASL. After a refusal the connection is closed.</summary>
internal sealed class SaslAuthenticateHandler() : RequestHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>(Apis.SaslAuthenticate)
{
    protected override async ValueTask<SaslAuthenticateResponse?> HandleAsync(SaslAuthenticateRequest request, RequestContext context)
    {
        (ErrorCode error, string? message, byte[] answer, TimeSpan lifetime) =
            await context.Client.Sasl.AuthenticateAsync(request.AuthBytes.ToArray(), context.Stopping).ConfigureAwait(false);
        context.ClosesConnection = error == ErrorCode.SaslAuthenticationFailed;
        return new SaslAuthenticateResponse
        {
            ErrorCode = error,
            ErrorMessage = message,
            AuthBytes = answer,
            SessionLifetimeMs = (long)lifetime.TotalMilliseconds,
        };
    }

    protected override SaslAuthenticateResponse Fail(SaslAuthenticateRequest request, ErrorCode error, RequestContext context)
    {
        context.ClosesConnection = context.Security.Sasl is not null;
        return new SaslAuthenticateResponse { ErrorCode = error, ErrorMessage = error.Meaning() };
    }
}
