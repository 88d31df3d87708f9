using System.CommandLine;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena users</c>: SCRAM credentials.</summary>
internal static class UsersCommand
{
    private static readonly Dictionary<string, ScramMechanism> Mechanisms = new()
    {
        ["SCRAM-SHA-256"] = ScramMechanism.ScramSha256,
        ["SCRAM-SHA-512"] = ScramMechanism.ScramSha512,
    };

    public static Command Create() => new("users", "Lists, sets and deletes the SCRAM credentials of users.") { CreateList(), CreateSet(), CreateDelete() };

    private static Option<string> Mechanism()
    {
        var mechanism = new Option<string>("--mechanism") { Description = "The mechanism.", DefaultValueFactory = _ => "SCRAM-SHA-512" };
        mechanism.OneOf([.. Mechanisms.Keys]);
        return mechanism;
    }

    private static Verb CreateList()
    {
        var users = new Argument<string[]>("USER") { Description = "The users. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        return AdminVerb.Create("list", "Lists users and their credentials, without any secret.", ["users list", "users list billing"], [users], async call =>
        {
            AdminResults<string, IReadOnlyList<ScramCredentialDescription>> found = await call.Admin.DescribeScramUsersAsync(
                call.Get(users) is { Length: > 0 } named ? named : null, null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("user", "mechanism", "iterations");
            foreach ((string user, IReadOnlyList<ScramCredentialDescription> credentials) in found.Values.OrderBy(u => u.Key, StringComparer.Ordinal))
            {
                foreach (ScramCredentialDescription credential in credentials)
                {
                    table.Add(user, Mechanisms.FirstOrDefault(m => m.Value == credential.Mechanism).Key, credential.Iterations);
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateSet()
    {
        var user = new Argument<string>("USER") { Description = "The user." };
        Option<string> mechanism = Mechanism();
        var iterations = new Option<int>("--iterations") { Description = "How often the password is hashed.", DefaultValueFactory = _ => 4096, HelpName = "N" };
        string[] examples = ["users set billing --mechanism SCRAM-SHA-256 --iterations 8192"];
        return AdminVerb.Create("set", "Sets a user's password, which is the first line of the standard input.", examples, [user, mechanism, iterations], async call =>
        {
            // Not on the command line, where every user of the machine could read it.
            string? password = Console.IsInputRedirected ? await Console.In.ReadLineAsync(call.CancellationToken).ConfigureAwait(false) : Secret.Ask("Password: ");
            if (string.IsNullOrEmpty(password))
            {
                throw new ArgumentException("There is no password in the first line of the standard input.");
            }

            var change = ScramCredentialChange.Set(call.Get(user), Mechanisms[call.Get(mechanism)!], password, call.Get(iterations));
            return call.Print(await call.Admin.AlterScramUsersAsync([change], null, call.CancellationToken).ConfigureAwait(false), "user", "set");
        });
    }

    private static Verb CreateDelete()
    {
        var user = new Argument<string>("USER") { Description = "The user." };
        Option<string> mechanism = Mechanism();
        return AdminVerb.Create("delete", "Deletes a credential of a user.", ["users delete billing --mechanism SCRAM-SHA-256"], [user, mechanism], async call =>
        {
            var change = ScramCredentialChange.Delete(call.Get(user), Mechanisms[call.Get(mechanism)!]);
            return call.Print(await call.Admin.AlterScramUsersAsync([change], null, call.CancellationToken).ConfigureAwait(false), "user", "deleted");
        });
    }
}
