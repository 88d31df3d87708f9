using System.CommandLine;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena configs</c>.</summary>
internal static class ConfigsCommand
{
    private static readonly Dictionary<string, ConfigResourceType> Kinds = new()
    {
        ["topic"] = ConfigResourceType.Topic,
        ["broker"] = ConfigResourceType.Broker,
        ["broker-logger"] = ConfigResourceType.BrokerLogger,
        ["client-metrics"] = ConfigResourceType.ClientMetrics,
        ["group"] = ConfigResourceType.Group,
    };

    public static Command Create() => new("configs", "Shows and changes settings of topics, brokers, groups and client metrics.") { CreateList(), CreateDescribe(), CreateAlter() };

    private static Argument<string> Kind()
    {
        var kind = new Argument<string>("KIND") { Description = $"Of what: {string.Join(", ", Kinds.Keys)}." };
        kind.OneOf([.. Kinds.Keys]);
        return kind;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Its name or id; all for what holds for all brokers." };

    private static ConfigResource Resource(string kind, string name) => kind == "broker" && name == "all" ? ConfigResource.AllBrokers : new ConfigResource(Kinds[kind], name);

    private static Verb CreateList()
    {
        var kinds = new Option<string[]>("--kind") { Description = $"Only of these: {string.Join(", ", Kinds.Keys)}." };
        kinds.OneOf([.. Kinds.Keys]);
        return AdminVerb.Create("list", "Lists what has settings of its own.", ["configs list", "configs list --kind client-metrics"], [kinds], async call =>
        {
            IReadOnlyList<ConfigResource> found = await call.Admin.ListConfigResourcesAsync((call.Get(kinds) ?? []).Select(kind => Kinds[kind]), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("kind", "name");
            foreach (ConfigResource resource in found.OrderBy(r => r.Type).ThenBy(r => r.Name, StringComparer.Ordinal))
            {
                table.Add(Kinds.FirstOrDefault(kind => kind.Value == resource.Type).Key ?? resource.Type.ToString(), resource.Name);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateDescribe()
    {
        Argument<string> kind = Kind();
        Argument<string> name = Name();
        var all = new Option<bool>("--all") { Description = "With settings that were never changed." };
        var documentation = new Option<bool>("--documentation") { Description = "With what each setting means." };
        string[] examples = ["configs describe topic orders --all", "configs describe broker 1 --documentation --json"];
        return AdminVerb.Create("describe", "Shows settings and where each comes from.", examples, [kind, name, all, documentation], async call =>
        {
            ConfigResource resource = Resource(call.Get(kind), call.Get(name));
            var options = new DescribeConfigsOptions { IncludeSynonyms = true, IncludeDocumentation = call.Get(documentation) };
            IReadOnlyDictionary<string, ConfigEntry> entries = (await call.Admin.DescribeConfigsAsync([resource], options, call.CancellationToken).ConfigureAwait(false))[resource];
            string[] columns = ["name", "value", "source", "type", "readOnly", "synonyms"];
            var table = new Table(options.IncludeDocumentation ? [.. columns, "documentation"] : columns);
            foreach (ConfigEntry entry in entries.Values.Where(entry => call.Get(all) || !entry.IsDefault).OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                object?[] cells =
                [
                    entry.Name, entry.IsSensitive ? "(hidden)" : entry.Value, entry.Source, entry.Type, entry.IsReadOnly,
                    entry.Synonyms.Select(s => $"{s.Source}:{s.Name}={s.Value}"),
                ];
                table.Add(options.IncludeDocumentation ? [.. cells, entry.Documentation] : cells);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateAlter()
    {
        Argument<string> kind = Kind();
        Argument<string> name = Name();
        var set = new Option<string[]>("--set") { Description = "Gives a setting a value.", HelpName = "NAME=VALUE" };
        var append = new Option<string[]>("--append") { Description = "Adds to a list.", HelpName = "NAME=VALUE" };
        var subtract = new Option<string[]>("--subtract") { Description = "Takes from a list.", HelpName = "NAME=VALUE" };
        var delete = new Option<string[]>("--delete") { Description = "Goes back to the default.", HelpName = "NAME" };
        var dryRun = new Option<bool>("--dry-run") { Description = "The cluster says whether it would, and changes nothing." };
        string[] examples = ["configs alter topic orders --set retention.ms=60000 --delete segment.bytes", "configs alter topic orders --append cleanup.policy=compact --dry-run"];
        return AdminVerb.Create("alter", "Changes settings; those that are not named stay as they are.", examples, [kind, name, set, append, subtract, delete, dryRun], async call =>
        {
            ConfigChange[] changes =
            [
                .. Pairs(set).Select(s => ConfigChange.Set(s.Name, s.Value)),
                .. Pairs(append).Select(s => ConfigChange.Append(s.Name, s.Value)),
                .. Pairs(subtract).Select(s => ConfigChange.Subtract(s.Name, s.Value)),
                .. (call.Get(delete) ?? []).Select(ConfigChange.Delete),
            ];
            if (changes.Length == 0)
            {
                throw new ArgumentException("Nothing is to be changed: name --set, --append, --subtract or --delete.");
            }

            ConfigResource resource = Resource(call.Get(kind), call.Get(name));
            var options = new AdminChangeOptions { ValidateOnly = call.Get(dryRun) };
            AdminOutcome<ConfigResource> changed = await call.Admin.AlterConfigsAsync(
                new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [resource] = changes }, options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(changed, "resource", options.ValidateOnly ? "would be changed" : "changed");

            IEnumerable<(string Name, string Value)> Pairs(Option<string[]> option) => (call.Get(option) ?? []).Select(text => NameValue.Parse(text, option.Name));
        });
    }
}
