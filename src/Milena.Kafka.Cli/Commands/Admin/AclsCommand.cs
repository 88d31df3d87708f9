using System.CommandLine;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena acls</c>.</summary>
internal static class AclsCommand
{
    private static readonly string[] Columns = ["resource", "name", "pattern", "principal", "host", "operation", "permission"];

    public static Command Create() => new("acls", "Lists, creates and deletes rules of who may do what.") { CreateList(), CreateCreate(), CreateDelete() };

    private static Verb CreateList()
    {
        var rule = new AclOptions(isFilter: true);
        return AdminVerb.Create("list", "Lists rules.", ["acls list", "acls list --topic orders --principal User:billing --json"], rule.All, async call =>
        {
            var table = new Table(Columns);
            foreach (AclBinding found in await call.Admin.DescribeAclsAsync(rule.ReadFilter(call), null, call.CancellationToken).ConfigureAwait(false))
            {
                Add(table, found);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateCreate()
    {
        var rule = new AclOptions(isFilter: false);
        string[] examples =
        [
            "acls create --topic orders --principal User:billing --operation read",
            "acls create --group billing --prefixed --principal User:billing --operation read --operation describe",
            "acls create --cluster --principal User:guest --operation alter --deny",
        ];
        return AdminVerb.Create("create", "Allows or denies something to someone.", examples, rule.All, async call =>
        {
            AdminOutcome<AclBinding> created = await call.Admin.CreateAclsAsync(rule.ReadBindings(call), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table(Columns);
            foreach (AclBinding binding in created.Succeeded)
            {
                Add(table, binding);
            }

            return call.Print(table, created);
        });
    }

    private static Verb CreateDelete()
    {
        var rule = new AclOptions(isFilter: true);
        var execute = new Option<bool>("--execute") { Description = "Delete them. Without it the rules are only shown." };
        string[] examples = ["acls delete --principal User:billing", "acls delete --principal User:billing --topic orders --execute"];
        return AdminVerb.Create("delete", "Deletes all rules that match; shows them first.", examples, [.. rule.All, execute], async call =>
        {
            AclFilter filter = rule.ReadFilter(call);
            AdminOutcome<AclBinding>? deleted = call.Get(execute)
                ? (await call.Admin.DeleteAclsAsync([filter], null, call.CancellationToken).ConfigureAwait(false))[filter]
                : null;
            var table = new Table([.. Columns, "result"]);
            foreach (AclBinding binding in deleted?.Succeeded ?? await call.Admin.DescribeAclsAsync(filter, null, call.CancellationToken).ConfigureAwait(false))
            {
                table.Add([.. Cells(binding), deleted is null ? "would be deleted" : "deleted"]);
            }

            return deleted is null ? call.Print(table) : call.Print(table, deleted);
        });
    }

    private static void Add(Table table, AclBinding rule) => table.Add(Cells(rule));

    private static object?[] Cells(AclBinding rule) => [rule.Resource, rule.Name, rule.Pattern, rule.Principal, rule.Host, rule.Operation, rule.Permission];
}
