using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Sets and removes SCRAM credentials.</summary>
internal sealed class AlterUserScramCredentialsHandler()
    : RequestHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(Apis.AlterUserScramCredentials)
{
    // As in Kafka.
    private const int MinIterations = 4096;
    private const int MaxIterations = 16384;

    protected override AlterUserScramCredentialsResponse Handle(AlterUserScramCredentialsRequest request, RequestContext context)
    {
        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Alter))
        {
            return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
        }

        var errors = new SortedDictionary<string, ErrorCode>(StringComparer.Ordinal);
        foreach (IGrouping<string, (string Name, sbyte Mechanism)> user in Named(request).GroupBy(change => change.Name))
        {
            errors[user.Key] = user.Distinct().Count() == user.Count() ? Check(user.Key, request, context) : ErrorCode.DuplicateResource;
        }

        Carry(request, errors, context.Security.Users);
        return Answer(errors);
    }

    protected override AlterUserScramCredentialsResponse Fail(AlterUserScramCredentialsRequest request, ErrorCode error, RequestContext context) =>
        Answer(Named(request).Select(change => change.Name).Distinct().ToDictionary(name => name, _ => error));

    private static IEnumerable<(string Name, sbyte Mechanism)> Named(AlterUserScramCredentialsRequest request) =>
        request.Deletions.Select(one => (one.Name, one.Mechanism)).Concat(request.Upsertions.Select(one => (one.Name, one.Mechanism)));

    private static ErrorCode Check(string user, AlterUserScramCredentialsRequest request, RequestContext context)
    {
        if (user.Length == 0)
        {
            return ErrorCode.UnacceptableCredential;
        }

        if (Named(request).Any(change => change.Name == user && ScramHash.Of((ScramMechanism)change.Mechanism) is null))
        {
            return ErrorCode.UnsupportedSaslMechanism;
        }

        if (request.Upsertions.Any(one => one.Name == user && (one.Iterations is < MinIterations or > MaxIterations || one.Salt.Length == 0 || one.SaltedPassword.Length == 0)))
        {
            return ErrorCode.UnacceptableCredential;
        }

        bool isThere = request.Deletions.Where(one => one.Name == user)
            .All(one => context.Security.Users.ScramOf(ScramHash.Of((ScramMechanism)one.Mechanism)!, user) is not null);
        return isThere ? ErrorCode.None : ErrorCode.ResourceNotFound;
    }

    private static void Carry(AlterUserScramCredentialsRequest request, SortedDictionary<string, ErrorCode> errors, UserStore users)
    {
        foreach (AlterUserScramCredentialsRequest.ScramCredentialDeletion gone in request.Deletions.Where(one => errors[one.Name] == ErrorCode.None))
        {
            users.RemoveScram(ScramHash.Of((ScramMechanism)gone.Mechanism)!, gone.Name);
        }

        foreach (AlterUserScramCredentialsRequest.ScramCredentialUpsertion set in request.Upsertions.Where(one => errors[one.Name] == ErrorCode.None))
        {
            ScramHash hash = ScramHash.Of((ScramMechanism)set.Mechanism)!;
            users.SetScram(hash, set.Name, hash.CreateCredential(set.SaltedPassword.ToArray(), set.Salt.ToArray(), set.Iterations));
        }
    }

    private static AlterUserScramCredentialsResponse Answer(IEnumerable<KeyValuePair<string, ErrorCode>> errors) => new()
    {
        Results = [.. errors.Select(one => new AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult
        {
            User = one.Key,
            ErrorCode = one.Value,
            ErrorMessage = one.Value == ErrorCode.None ? null : one.Value.Meaning(),
        })],
    };
}
