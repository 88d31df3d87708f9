using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Users of SCRAM as an administrator makes and removes them, against the embedded cluster, where they log in.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ScramUserTests : AccessTest
{
    private const string Secret = "pass,=WORD-7781";

    [TestCase(ScramMechanism.ScramSha256)]
    [TestCase(ScramMechanism.ScramSha512)]
    public async Task A_user_logs_in_at_once_and_after_the_removal_no_more(ScramMechanism mechanism, CancellationToken cancellationToken)
    {
        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Set("carol", mechanism, Secret, 8192)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        SaslScram login = mechanism == ScramMechanism.ScramSha256 ? SaslScram.Sha256("carol", Secret) : SaslScram.Sha512("carol", Secret);

        AdminListing<GroupListing> seen = await AdminOf(Client(login)).ListGroupsAsync(cancellationToken: cancellationToken);
        AdminResults<string, IReadOnlyList<ScramCredentialDescription>> described = await Admin.DescribeScramUsersAsync(["carol"], cancellationToken: cancellationToken);
        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Delete("carol", mechanism)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        Assert.That(seen.Failures, Is.Empty);
        Assert.That(described["carol"], Is.EqualTo(new[] { new ScramCredentialDescription(mechanism, 8192) }));
        Assert.That(() => AdminOf(Client(login)).ListGroupsAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthenticationException>());
    }

    [Test]
    public async Task A_password_can_be_taken_as_it_is_as_Kafkas_own_tools_do(CancellationToken cancellationToken)
    {
        const string Odd = "p\u00e4ss\u2168";
        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, Odd, useSaslPrep: false)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        SaslScram login = SaslScram.Sha256("carol", Odd);
        login.UseSaslPrep = false;

        Assert.That((await AdminOf(Client(login)).ListGroupsAsync(cancellationToken: cancellationToken)).Failures, Is.Empty);
    }

    [Test]
    public async Task Each_user_has_an_answer_of_its_own(CancellationToken cancellationToken)
    {
        AdminOutcome<string> outcome = await Admin.AlterScramUsersAsync(
            [
                ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, Secret),
                ScramCredentialChange.Set("carol", ScramMechanism.ScramSha512, Secret),
                ScramCredentialChange.Set("weak", ScramMechanism.ScramSha256, Secret, iterations: 100),
                ScramCredentialChange.Delete("nobody", ScramMechanism.ScramSha256),
                ScramCredentialChange.Set("twice", ScramMechanism.ScramSha256, Secret),
                ScramCredentialChange.Delete("twice", ScramMechanism.ScramSha256),
            ],
            cancellationToken: cancellationToken);
        AdminResults<string, IReadOnlyList<ScramCredentialDescription>> some = await Admin.DescribeScramUsersAsync(["carol", "nobody"], cancellationToken: cancellationToken);
        AdminResults<string, IReadOnlyList<ScramCredentialDescription>> all = await Admin.DescribeScramUsersAsync(cancellationToken: cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { "carol" }));
        Assert.That(outcome.Failures.ToDictionary(f => f.Key, f => f.Value.Code), Is.EqualTo(new Dictionary<string, ErrorCode>
        {
            ["weak"] = ErrorCode.UnacceptableCredential,
            ["nobody"] = ErrorCode.ResourceNotFound,
            ["twice"] = ErrorCode.DuplicateResource,
        }));
        Assert.That(some["carol"].Select(c => c.Mechanism), Is.EqualTo(new[] { ScramMechanism.ScramSha256, ScramMechanism.ScramSha512 }));
        Assert.That(some.Failures["nobody"].Code, Is.EqualTo(ErrorCode.ResourceNotFound));
        Assert.That(all.Values.Keys, Is.EqualTo(new[] { "carol" }));
    }

    [Test]
    public async Task A_password_goes_over_no_wire_and_into_no_text(CancellationToken cancellationToken)
    {
        ScramCredentialChange change = ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, Secret, salt: new byte[] { 1, 2, 3 });
        await Admin.AlterScramUsersAsync([change], cancellationToken: cancellationToken);

        AlterUserScramCredentialsRequest.ScramCredentialUpsertion sent = Cluster.Received<AlterUserScramCredentialsRequest>().Single().Upsertions.Single();
        Assert.That(sent.Salt.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(sent.SaltedPassword.Length, Is.EqualTo(32));
        Assert.That(change.ToString(), Does.Not.Contain("WORD").And.Not.Contain(Convert.ToBase64String(sent.SaltedPassword.Span)));
    }

    [Test]
    public async Task Others_may_not(CancellationToken cancellationToken)
    {
        AdminOutcome<string> outcome = await AdminOfAlice().AlterScramUsersAsync([ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, Secret)], cancellationToken: cancellationToken);

        Assert.That(outcome.Failures["carol"], Is.TypeOf<AuthorizationException>());
        Assert.That(() => AdminOfAlice().DescribeScramUsersAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthorizationException>());
    }

    [Test]
    public void What_is_no_credential_is_refused_before_it_is_sent()
    {
        Assert.That(() => ScramCredentialChange.Set("", ScramMechanism.ScramSha256, "x"), Throws.ArgumentException);
        Assert.That(() => ScramCredentialChange.Set("carol", ScramMechanism.Unknown, "x"), Throws.ArgumentException);
        Assert.That(() => ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, ""), Throws.ArgumentException);
        Assert.That(() => ScramCredentialChange.Set("carol", ScramMechanism.ScramSha256, "x", iterations: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
