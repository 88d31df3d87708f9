using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Asks for the delegation tokens that this client may see.</summary>
internal sealed class DescribeTokensOperation : SingleOperation<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, IReadOnlyList<DelegationToken>>
{
    private readonly IReadOnlyCollection<KafkaPrincipal>? _owners;

    /// <param name="owners">Whose; null for everyone's.</param>
    public DescribeTokensOperation(IReadOnlyCollection<KafkaPrincipal>? owners) => _owners = owners;

    public override Api Api => Apis.DescribeDelegationToken;

    public override string Describe(Route key) => "Describing delegation tokens";

    protected override DescribeDelegationTokenRequest CreateRequest(short version) => new()
    {
        Owners = _owners?.Select(owner => new DescribeDelegationTokenRequest.DescribeDelegationTokenOwner { PrincipalType = owner.Type, PrincipalName = owner.Name }).ToList(),
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeDelegationTokenResponse response) => (response.ErrorCode, null);

    protected override IReadOnlyList<DelegationToken> Read(DescribeDelegationTokenResponse response) => [.. response.Tokens.Select(Read)];

    private static DelegationToken Read(DescribeDelegationTokenResponse.DescribedDelegationToken token)
    {
        var owner = new KafkaPrincipal(token.PrincipalType, token.PrincipalName);
        return new DelegationToken(token.TokenId, token.Hmac.ToArray(), owner)
        {
            Requester = token.TokenRequesterPrincipalName.Length == 0 ? owner : new KafkaPrincipal(token.TokenRequesterPrincipalType, token.TokenRequesterPrincipalName),
            Renewers = [.. token.Renewers.Select(renewer => new KafkaPrincipal(renewer.PrincipalType, renewer.PrincipalName))],
            IssuedAt = DateTimeOffset.FromUnixTimeMilliseconds(token.IssueTimestamp),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(token.ExpiryTimestamp),
            MaxExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(token.MaxTimestamp),
        };
    }
}
