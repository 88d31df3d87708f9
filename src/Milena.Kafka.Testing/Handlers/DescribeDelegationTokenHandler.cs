using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells the delegation tokens that a client may see.</summary>
internal sealed class DescribeDelegationTokenHandler()
    : RequestHandler<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>(Apis.DescribeDelegationToken)
{
    private const short FirstVersionWithRequester = 3;

    protected override DescribeDelegationTokenResponse Handle(DescribeDelegationTokenRequest request, RequestContext context)
    {
        if (context.TokenRefusal() is { } refusal)
        {
            return Fail(request, refusal, context);
        }

        if (!context.Security.Tokens.IsEnabled)
        {
            return Fail(request, ErrorCode.DelegationTokenAuthDisabled, context);
        }

        IEnumerable<Principal>? owners = request.Owners?.Select(owner => new Principal(owner.PrincipalType, owner.PrincipalName));
        return new DescribeDelegationTokenResponse
        {
            Tokens = [.. context.Security.Tokens.All
                .Where(token => (owners is null || owners.Contains(token.Owner)) && MaySee(token, context))
                .Select(token => Describe(token, context))],
        };
    }

    protected override DescribeDelegationTokenResponse Fail(DescribeDelegationTokenRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static bool MaySee(IssuedToken token, RequestContext context) =>
        token.MayBeRenewedBy(context.Client.Identity)
        || context.Allows(ResourceType.DelegationToken, token.Id, AclOperation.Describe)
        || context.Allows(ResourceType.User, token.Owner.ToString(), AclOperation.DescribeTokens);

    private static DescribeDelegationTokenResponse.DescribedDelegationToken Describe(IssuedToken token, RequestContext context)
    {
        var described = new DescribeDelegationTokenResponse.DescribedDelegationToken
        {
            PrincipalType = token.Owner.Type,
            PrincipalName = token.Owner.Name,
            IssueTimestamp = token.IssuedAt.ToUnixTimeMilliseconds(),
            ExpiryTimestamp = token.ExpiresAt.ToUnixTimeMilliseconds(),
            MaxTimestamp = token.MaxExpiresAt.ToUnixTimeMilliseconds(),
            TokenId = token.Id,
            Hmac = token.Hmac,
            Renewers = [.. token.Renewers.Select(renewer => new DescribeDelegationTokenResponse.DescribedDelegationTokenRenewer { PrincipalType = renewer.Type, PrincipalName = renewer.Name })],
        };
        if (context.Version >= FirstVersionWithRequester)
        {
            described.TokenRequesterPrincipalType = token.Requester.Type;
            described.TokenRequesterPrincipalName = token.Requester.Name;
        }

        return described;
    }
}
