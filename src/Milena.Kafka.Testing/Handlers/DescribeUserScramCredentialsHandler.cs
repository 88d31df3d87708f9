using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells which users have SCRAM credentials, and with how many rounds.</summary>
internal sealed class DescribeUserScramCredentialsHandler()
    : RequestHandler<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(Apis.DescribeUserScramCredentials)
{
    protected override DescribeUserScramCredentialsResponse Handle(DescribeUserScramCredentialsRequest request, RequestContext context)
    {
        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Describe))
        {
            return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
        }

        var known = context.Security.Users.Scram().ToDictionary(user => user.User, user => user.Credentials);
        string[] wanted = request.Users is { Count: > 0 } users ? [.. users.Select(user => user.Name)] : [.. known.Keys];
        HashSet<string> repeated = [.. wanted.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => same.Key)];
        return new DescribeUserScramCredentialsResponse
        {
            Results = [.. wanted.Distinct().Select(name => Describe(name, repeated.Contains(name), known.GetValueOrDefault(name)))],
        };
    }

    protected override DescribeUserScramCredentialsResponse Fail(DescribeUserScramCredentialsRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private static DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult Describe(
        string user, bool isRepeated, IReadOnlyList<(ScramHash Hash, int Iterations)>? credentials)
    {
        ErrorCode error = isRepeated ? ErrorCode.DuplicateResource : credentials is null ? ErrorCode.ResourceNotFound : ErrorCode.None;
        return new()
        {
            User = user,
            ErrorCode = error,
            ErrorMessage = error == ErrorCode.None ? null : error.Meaning(),
            CredentialInfos = [.. (error == ErrorCode.None ? credentials! : []).Select(one => new DescribeUserScramCredentialsResponse.CredentialInfo
            {
                Mechanism = (sbyte)one.Hash.Number,
                Iterations = one.Iterations,
            })],
        };
    }
}
