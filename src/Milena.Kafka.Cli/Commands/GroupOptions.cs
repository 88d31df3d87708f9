using System.CommandLine;

namespace Milena.Kafka.Cli.Commands;

/// <summary>How a command becomes a member of a group.</summary>
internal sealed class GroupOptions
{
    private static readonly Dictionary<string, IPartitionAssignor> Known =
        new[] { PartitionAssignors.Range, PartitionAssignors.RoundRobin, PartitionAssignors.Sticky, PartitionAssignors.CooperativeSticky }.ToDictionary(a => a.Name);

    private readonly Option<string> _static = new("--static-id") { Description = "The name of a static member, which keeps its partitions through a restart.", HelpName = "ID" };
    private readonly Option<string> _protocol = new("--protocol") { Description = "The group protocol: auto, classic or consumer. Default: auto.", HelpName = "PROTOCOL" };

    private readonly Option<string> _assignor = new("--assignor")
    {
        Description = $"How partitions are shared out: {string.Join(", ", Known.Keys)}; several with commas between. With --protocol consumer one of the brokers', such as uniform or range. Default: range,cooperative-sticky; with --protocol consumer the brokers' first.",
        HelpName = "NAME",
    };

    public GroupOptions(bool isRequired) => Group = new("--group", "-G") { Description = "Read as a member of this group, and commit.", HelpName = "GROUP", Required = isRequired };

    public Option<string> Group { get; }

    public void AddTo(Command command)
    {
        command.Options.Add(Group);
        command.Options.Add(_static);
        command.Options.Add(_protocol);
        command.Options.Add(_assignor);
    }

    /// <summary>Makes options those of a member that reads one topic; leaves them alone if neither the command line nor they themselves name a group.</summary>
    /// <exception cref="ArgumentException">A protocol or assignor is not known, or there is no group to be a static member of.</exception>
    public void Apply(ParseResult parsed, string topic, ConsumerOptions options)
    {
        options.GroupId = parsed.GetValue(Group) ?? options.GroupId;
        options.GroupInstanceId = parsed.GetValue(_static) ?? options.GroupInstanceId;
        if (options.GroupId is null)
        {
            if (options.GroupInstanceId is not null || parsed.GetValue(_protocol) is not null || parsed.GetValue(_assignor) is not null)
            {
                throw new ArgumentException("--static-id, --protocol and --assignor need --group.");
            }

            return;
        }

        options.Topics.Add(topic);
        options.CloseTimeout = TimeSpan.FromSeconds(7);
        if (parsed.GetValue(_protocol) is { } protocol)
        {
            options.GroupProtocol = Enum.TryParse(protocol, ignoreCase: true, out GroupProtocol known) && Enum.IsDefined(known)
                ? known
                : throw new ArgumentException($"'{protocol}' behind --protocol is not auto, classic or consumer.");
        }

        if (parsed.GetValue(_assignor) is not { } names)
        {
            return;
        }

        if (options.GroupProtocol == GroupProtocol.Consumer)
        {
            options.GroupRemoteAssignor = names;
        }
        else
        {
            options.Assignors.Clear();
            foreach (string name in names.Split(','))
            {
                options.Assignors.Add(Known.GetValueOrDefault(name) ?? throw new ArgumentException($"'{name}' behind --assignor is none of {string.Join(", ", Known.Keys)}."));
            }
        }
    }
}
