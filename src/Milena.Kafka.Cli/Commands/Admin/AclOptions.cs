using System.CommandLine;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>A rule, or a filter of rules, as options.</summary>
internal sealed class AclOptions
{
    private const string ClusterName = "kafka-cluster";

    private readonly Option<string?> _topic = Named("--topic", "a topic");
    private readonly Option<string?> _group = Named("--group", "a group");
    private readonly Option<string?> _transactionalId = Named("--transactional-id", "a transactional id");
    private readonly Option<string?> _token = Named("--token", "a delegation token");
    private readonly Option<string?> _user = Named("--user", "a user");
    private readonly Option<bool> _cluster = new("--cluster") { Description = "About the cluster." };
    private readonly Option<bool> _prefixed = new("--prefixed") { Description = "About all names that begin with the one that is given." };
    private readonly Option<string?> _principal;
    private readonly Option<string?> _host = new("--host") { Description = "From this address only.", HelpName = "ADDRESS" };
    private readonly Option<AclOperation[]> _operations;
    private readonly Option<bool> _deny = new("--deny") { Description = "Denied rather than allowed." };

    public AclOptions(bool isFilter)
    {
        _principal = new Option<string?>("--principal") { Description = "For whom, such as User:billing or User:*.", HelpName = "PRINCIPAL", Required = !isFilter };
        _operations = new Option<AclOperation[]>("--operation") { Description = "What: read, write, describe, all and so on, by the names of Kafka; may be given again.", HelpName = "OPERATION", Required = !isFilter };
    }

    public Symbol[] All => [_topic, _group, _transactionalId, _token, _user, _cluster, _prefixed, _principal, _host, _operations, _deny];

    /// <exception cref="ArgumentException">No resource is named, or more than one.</exception>
    public IEnumerable<AclBinding> ReadBindings(AdminCall call)
    {
        (ResourceType type, string? name) = Resource(call) ?? throw new ArgumentException("Name what the rule is about: --topic, --group, --transactional-id, --token, --user or --cluster.");
        return (call.Get(_operations) ?? []).Select(operation => new AclBinding(
            type,
            name!,
            call.Get(_principal)!,
            operation,
            call.Get(_deny) ? AclPermissionType.Deny : AclPermissionType.Allow,
            call.Get(_prefixed) ? PatternType.Prefixed : PatternType.Literal,
            call.Get(_host) ?? "*"));
    }

    /// <exception cref="ArgumentException">More than one resource or operation is named.</exception>
    public AclFilter ReadFilter(AdminCall call)
    {
        AclOperation[] operations = call.Get(_operations) ?? [];
        (ResourceType type, string? name) = Resource(call) ?? (ResourceType.Any, null);
        return new AclFilter
        {
            Resource = type,
            Name = name,
            Pattern = call.Get(_prefixed) ? PatternType.Prefixed : name is null ? PatternType.Any : PatternType.Literal,
            Principal = call.Get(_principal),
            Host = call.Get(_host),
            Operation = operations.Length <= 1 ? operations.FirstOrDefault(AclOperation.Any) : throw new ArgumentException("A filter takes one --operation."),
            Permission = call.Get(_deny) ? AclPermissionType.Deny : AclPermissionType.Any,
        };
    }

    private static Option<string?> Named(string option, string what) => new(option) { Description = $"About {what}; * is all of them.", HelpName = "NAME" };

    private (ResourceType Type, string? Name)? Resource(AdminCall call)
    {
        (ResourceType Type, string? Name)[] named =
        [
            .. ((ResourceType, string?)[])
            [
                (ResourceType.Topic, call.Get(_topic)),
                (ResourceType.Group, call.Get(_group)),
                (ResourceType.TransactionalId, call.Get(_transactionalId)),
                (ResourceType.DelegationToken, call.Get(_token)),
                (ResourceType.User, call.Get(_user)),
                (ResourceType.Cluster, call.Get(_cluster) ? ClusterName : null),
            ],
        ];
        named = [.. named.Where(resource => resource.Name is not null)];
        return named.Length switch
        {
            0 => null,
            1 => named[0],
            _ => throw new ArgumentException("A rule is about one resource; name only one of --topic, --group, --transactional-id, --token, --user and --cluster."),
        };
    }
}
