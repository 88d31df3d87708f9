using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Asks which SCRAM credentials users have.</summary>
internal sealed class DescribeScramUsersOperation
    : SingleOperation<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, AdminResults<string, IReadOnlyList<ScramCredentialDescription>>>
{
    private readonly IReadOnlyCollection<string>? _users;

    /// <param name="users">Whose; null for everyone's.</param>
    public DescribeScramUsersOperation(IReadOnlyCollection<string>? users) => _users = users;

    public override Api Api => Apis.DescribeUserScramCredentials;

    public override string Describe(Route key) => "Describing SCRAM credentials";

    protected override DescribeUserScramCredentialsRequest CreateRequest(short version) =>
        new() { Users = _users?.Select(user => new DescribeUserScramCredentialsRequest.UserName { Name = user }).ToList() };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeUserScramCredentialsResponse response) => (response.ErrorCode, response.ErrorMessage);

    protected override AdminResults<string, IReadOnlyList<ScramCredentialDescription>> Read(DescribeUserScramCredentialsResponse response) =>
        AdminResults<string, IReadOnlyList<ScramCredentialDescription>>.From(response.Results.DistinctBy(result => result.User).ToDictionary(
            result => result.User,
            result => result.ErrorCode == ErrorCode.None
                ? Answer<IReadOnlyList<ScramCredentialDescription>>.Of(
                    [.. result.CredentialInfos.Select(one => new ScramCredentialDescription((ScramMechanism)one.Mechanism, one.Iterations))])
                : Answer<IReadOnlyList<ScramCredentialDescription>>.Failed(
                    BrokerFault.Of($"The SCRAM credentials of '{result.User}'", result.ErrorCode, result.ErrorMessage))));
}
