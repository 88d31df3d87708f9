using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lets delegation tokens live on.</summary>
internal sealed class RenewDelegationTokenHandler() : RequestHandler<RenewDelegationTokenRequest, RenewDelegationTokenResponse>(Apis.RenewDelegationToken)
{
    protected override RenewDelegationTokenResponse Handle(RenewDelegationTokenRequest request, RequestContext context)
    {
        if (context.TokenRefusal() is { } refusal)
        {
            return Fail(request, refusal, context);
        }

        if (!context.Security.Tokens.IsEnabled)
        {
            return Fail(request, ErrorCode.DelegationTokenAuthDisabled, context);
        }

        (ErrorCode error, DateTimeOffset end) = context.Security.Tokens.Renew(request.Hmac.Span, context.Client.Identity, TimeSpan.FromMilliseconds(request.RenewPeriodMs));
        return error == ErrorCode.None ? new RenewDelegationTokenResponse { ExpiryTimestampMs = end.ToUnixTimeMilliseconds() } : Fail(request, error, context);
    }

    protected override RenewDelegationTokenResponse Fail(RenewDelegationTokenRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
