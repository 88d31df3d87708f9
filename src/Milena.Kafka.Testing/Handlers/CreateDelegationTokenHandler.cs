using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Makes delegation tokens.</summary>
internal sealed class CreateDelegationTokenHandler()
    : RequestHandler<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(Apis.CreateDelegationToken)
{
    protected override CreateDelegationTokenResponse Handle(CreateDelegationTokenRequest request, RequestContext context)
    {
        Principal requester = context.Client.Identity;
        Principal owner = OwnerOf(request, context);
        ErrorCode error = context.TokenRefusal()
            ?? (owner != requester && !context.Allows(ResourceType.User, owner.ToString(), AclOperation.CreateTokens) ? ErrorCode.DelegationTokenAuthorizationFailed
                : request.Renewers.Exists(renewer => renewer.PrincipalType != Principal.UserType) ? ErrorCode.InvalidPrincipalType
                : context.Security.Tokens.IsEnabled ? ErrorCode.None
                : ErrorCode.DelegationTokenAuthDisabled);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        IssuedToken token = context.Security.Tokens.Issue(
            owner, requester, [.. request.Renewers.Select(renewer => new Principal(renewer.PrincipalType, renewer.PrincipalName))], TimeSpan.FromMilliseconds(request.MaxLifetimeMs));
        CreateDelegationTokenResponse answer = Fail(request, ErrorCode.None, context);
        answer.IssueTimestampMs = token.IssuedAt.ToUnixTimeMilliseconds();
        answer.ExpiryTimestampMs = token.ExpiresAt.ToUnixTimeMilliseconds();
        answer.MaxTimestampMs = token.MaxExpiresAt.ToUnixTimeMilliseconds();
        answer.TokenId = token.Id;
        answer.Hmac = token.Hmac;
        return answer;
    }

    protected override CreateDelegationTokenResponse Fail(CreateDelegationTokenRequest request, ErrorCode error, RequestContext context)
    {
        Principal owner = OwnerOf(request, context);
        var answer = new CreateDelegationTokenResponse { ErrorCode = error, PrincipalType = owner.Type, PrincipalName = owner.Name };
        if (context.Version >= 3)
        {
            answer.TokenRequesterPrincipalType = context.Client.Identity.Type;
            answer.TokenRequesterPrincipalName = context.Client.Identity.Name;
        }

        return answer;
    }

    private static Principal OwnerOf(CreateDelegationTokenRequest request, RequestContext context) =>
        string.IsNullOrEmpty(request.OwnerPrincipalName) ? context.Client.Identity : new Principal(request.OwnerPrincipalType ?? Principal.UserType, request.OwnerPrincipalName);
}
