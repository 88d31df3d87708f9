using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Ends delegation tokens.</summary>
internal sealed class ExpireDelegationTokenHandler() : RequestHandler<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>(Apis.ExpireDelegationToken)
{
    protected override ExpireDelegationTokenResponse Handle(ExpireDelegationTokenRequest request, RequestContext context)
    {
        if (context.TokenRefusal() is { } refusal)
        {
            return Fail(request, refusal, context);
        }

        if (!context.Security.Tokens.IsEnabled)
        {
            return Fail(request, ErrorCode.DelegationTokenAuthDisabled, context);
        }

        (ErrorCode error, DateTimeOffset end) = context.Security.Tokens.Expire(request.Hmac.Span, context.Client.Identity, TimeSpan.FromMilliseconds(request.ExpiryTimePeriodMs));
        return error == ErrorCode.None ? new ExpireDelegationTokenResponse { ExpiryTimestampMs = end.ToUnixTimeMilliseconds() } : Fail(request, error, context);
    }

    protected override ExpireDelegationTokenResponse Fail(ExpireDelegationTokenRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
