using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Sets and removes SCRAM credentials. All changes of a user succeed or fail together.</summary>
internal sealed class AlterScramUsersOperation : Operation<string, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, bool>
{
    private readonly ILookup<string, ScramCredentialChange> _changes;

    public AlterScramUsersOperation(IEnumerable<ScramCredentialChange> changes) => _changes = changes.ToLookup(change => change.User);

    public IEnumerable<string> Users => _changes.Select(user => user.Key);

    public override Api Api => Apis.AlterUserScramCredentials;

    public override Route RouteOf(string key) => Route.Controller;

    public override AlterUserScramCredentialsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        Deletions = [.. keys.SelectMany(user => _changes[user]).Where(change => change.IsDeletion).Select(change =>
            new AlterUserScramCredentialsRequest.ScramCredentialDeletion { Name = change.User, Mechanism = (sbyte)change.Mechanism })],
        Upsertions = [.. keys.SelectMany(user => _changes[user]).Where(change => !change.IsDeletion).Select(change =>
            new AlterUserScramCredentialsRequest.ScramCredentialUpsertion
            {
                Name = change.User,
                Mechanism = (sbyte)change.Mechanism,
                Iterations = change.Iterations,
                Salt = change.Salt,
                SaltedPassword = change.SaltedPassword,
            })],
    };

    public override void Read(IReadOnlyList<string> keys, AlterUserScramCredentialsResponse response, AnswerSheet<string, bool> answers) =>
        response.Results.ForEach(result => answers.Note(result.User, result.ErrorCode, result.ErrorMessage, true));

    public override string Describe(string key) => $"Altering the SCRAM credentials of '{key}'";
}
