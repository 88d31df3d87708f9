using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena quotas</c>.</summary>
internal static class QuotasCommand
{
    private const string Default = "<default>";

    public static Command Create() => new("quotas", "Lists and changes what users and clients may use.") { CreateList(), CreateSet() };

    private static Option<string?> Part(string name, string what) => new(name) { Description = $"{what}; {Default} for all that have none of their own.", HelpName = "NAME" };

    private static Verb CreateList()
    {
        var (user, client, ip) = Parts();
        var strict = new Option<bool>("--strict") { Description = "Only quotas of exactly these, not those of a user and a client together where only one is named." };
        return AdminVerb.Create("list", "Lists quotas.", ["quotas list", "quotas list --user billing --strict"], [user, client, ip, strict], async call =>
        {
            var filter = new ClientQuotaFilter
            {
                Components = [.. Named(call, user, client, ip).Select(p => p.Value is null ? ClientQuotaFilterComponent.Default(p.Key) : ClientQuotaFilterComponent.Named(p.Key, p.Value))],
                Strict = call.Get(strict),
            };
            var table = new Table("user", "clientId", "ip", "quota", "value");
            foreach ((ClientQuotaEntity entity, IReadOnlyDictionary<string, double> values) in
                (await call.Admin.DescribeClientQuotasAsync(filter, null, call.CancellationToken).ConfigureAwait(false)).OrderBy(q => q.Key.ToString(), StringComparer.Ordinal))
            {
                foreach ((string quota, double value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
                {
                    table.Add(Name(entity, ClientQuotaEntity.UserType), Name(entity, ClientQuotaEntity.ClientIdType), Name(entity, ClientQuotaEntity.IpType), quota, value);
                }
            }

            return call.Print(table);
        });
    }

    private static Verb CreateSet()
    {
        var (user, client, ip) = Parts();
        var set = new Option<string[]>("--set") { Description = "producer_byte_rate, consumer_byte_rate, request_percentage, controller_mutation_rate or connection_creation_rate; may be given again.", HelpName = "QUOTA=VALUE" };
        var delete = new Option<string[]>("--delete") { Description = "Takes a quota away; may be given again.", HelpName = "QUOTA" };
        var dryRun = new Option<bool>("--dry-run") { Description = "The cluster says whether it would, and changes nothing." };
        string[] examples = ["quotas set --user billing --set producer_byte_rate=1048576", "quotas set --client-id <default> --delete request_percentage"];
        return AdminVerb.Create("set", "Sets or takes away quotas of a user, a client, both together or an address.", examples, [user, client, ip, set, delete, dryRun], async call =>
        {
            KeyValuePair<string, string?>[] parts = Named(call, user, client, ip);
            Dictionary<string, double?> values = [];
            foreach (string text in call.Get(set) ?? [])
            {
                (string quota, string value) = NameValue.Parse(text, "--set", "QUOTA=NUMBER");
                values[quota] = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                    ? number
                    : throw new ArgumentException($"'{text}' behind --set is not of the form QUOTA=NUMBER.");
            }

            foreach (string quota in call.Get(delete) ?? [])
            {
                values[quota] = null;
            }

            if (parts.Length == 0 || values.Count == 0)
            {
                throw new ArgumentException("Name whose quota it is by --user, --client-id or --ip, and what is to change by --set or --delete.");
            }

            var options = new AdminChangeOptions { ValidateOnly = call.Get(dryRun) };
            AdminOutcome<ClientQuotaEntity> changed = await call.Admin.AlterClientQuotasAsync(
                [new ClientQuotaAlteration(new ClientQuotaEntity(parts), values)], options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(changed, "quota", options.ValidateOnly ? "would be changed" : "changed");
        });
    }

    private static (Option<string?> User, Option<string?> Client, Option<string?> Ip) Parts() =>
        (Part("--user", "A user"), Part("--client-id", "A client id"), Part("--ip", "An address that connections come from"));

    private static KeyValuePair<string, string?>[] Named(AdminCall call, Option<string?> user, Option<string?> client, Option<string?> ip) =>
        [.. ((string Type, string? Name)[])[(ClientQuotaEntity.UserType, call.Get(user)), (ClientQuotaEntity.ClientIdType, call.Get(client)), (ClientQuotaEntity.IpType, call.Get(ip))] is var all
            ? all.Where(p => p.Name is not null).Select(p => KeyValuePair.Create(p.Type, p.Name == Default ? null : p.Name))
            : []];

    private static string? Name(ClientQuotaEntity entity, string type) => entity.Parts.TryGetValue(type, out string? name) ? name ?? Default : null;
}
