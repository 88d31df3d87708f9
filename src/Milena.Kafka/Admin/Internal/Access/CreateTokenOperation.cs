using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Has a delegation token made.</summary>
internal sealed class CreateTokenOperation : SingleOperation<CreateDelegationTokenRequest, CreateDelegationTokenResponse, DelegationToken>
{
    private const short FirstVersionWithOwner = 3;

    private readonly CreateDelegationTokenOptions _options;

    public CreateTokenOperation(CreateDelegationTokenOptions options) => _options = options;

    public override Api Api => Apis.CreateDelegationToken;

    public override short MinVersionOf(Route key) => _options.Owner is null ? (short)0 : FirstVersionWithOwner;

    public override string Describe(Route key) => "Creating a delegation token";

    protected override CreateDelegationTokenRequest CreateRequest(short version)
    {
        var request = new CreateDelegationTokenRequest
        {
            MaxLifetimeMs = (long?)_options.MaxLifetime?.TotalMilliseconds ?? -1,
            Renewers = [.. _options.Renewers.Select(renewer => new CreateDelegationTokenRequest.CreatableRenewers { PrincipalType = renewer.Type, PrincipalName = renewer.Name })],
        };
        if (version >= FirstVersionWithOwner)
        {
            request.OwnerPrincipalType = _options.Owner?.Type;
            request.OwnerPrincipalName = _options.Owner?.Name;
        }

        return request;
    }

    protected override (ErrorCode Error, string? Detail) ErrorOf(CreateDelegationTokenResponse response) => (response.ErrorCode, null);

    protected override DelegationToken Read(CreateDelegationTokenResponse response)
    {
        var owner = new KafkaPrincipal(response.PrincipalType, response.PrincipalName);
        return new DelegationToken(response.TokenId, response.Hmac.ToArray(), owner)
        {
            Requester = response.TokenRequesterPrincipalName.Length == 0 ? owner : new KafkaPrincipal(response.TokenRequesterPrincipalType, response.TokenRequesterPrincipalName),
            Renewers = [.. _options.Renewers],
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(response.IssueTimestampMs),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(response.ExpiryTimestampMs),
            MaxExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(response.MaxTimestampMs),
        };
    }
}
