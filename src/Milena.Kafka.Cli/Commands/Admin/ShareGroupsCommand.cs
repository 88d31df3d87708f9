using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>The verbs of <c>milena groups</c> for share groups and for groups of Kafka Streams.</summary>
internal static class ShareGroupsCommand
{
    public static IEnumerable<Verb> Create() => [CreateMembers(), CreateStreamsMembers(), CreateOffsets(), CreateAlterOffsets(), CreateDeleteOffsets()];

    private static Argument<string[]> Groups() => new("GROUP") { Description = "The groups.", Arity = ArgumentArity.OneOrMore };

    private static Verb CreateMembers()
    {
        Argument<string[]> groups = Groups();
        return AdminVerb.Create("share-members", "Shows the members of share groups, a row each.", ["groups share-members invoices"], [groups], async call =>
        {
            AdminResults<string, ShareGroupDescription> found = await call.Admin.DescribeShareGroupsAsync(call.Get(groups), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("group", "state", "assignor", "member", "client", "host", "epoch", "topics", "partitions");
            foreach (ShareGroupDescription group in found.Values.Values.OrderBy(g => g.GroupId, StringComparer.Ordinal))
            {
                foreach (ShareGroupMember m in group.Members)
                {
                    table.Add(group.GroupId, group.State, group.Assignor, m.MemberId, m.ClientId, m.Host, m.MemberEpoch, m.SubscribedTopics, m.Assignment.InOrder().Select(p => p.ToString()));
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateStreamsMembers()
    {
        Argument<string[]> groups = Groups();
        return AdminVerb.Create("streams-members", "Shows the members of groups of Kafka Streams, a row each.", ["groups streams-members enrichment"], [groups], async call =>
        {
            AdminResults<string, StreamsGroupDescription> found = await call.Admin.DescribeStreamsGroupsAsync(call.Get(groups), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("group", "state", "member", "instance", "client", "host", "process", "epoch", "active", "standby", "warmup");
            foreach (StreamsGroupDescription group in found.Values.Values.OrderBy(g => g.GroupId, StringComparer.Ordinal))
            {
                foreach (StreamsGroupMember m in group.Members)
                {
                    table.Add(
                        group.GroupId, group.State, m.MemberId, m.InstanceId, m.ClientId, m.Host, m.ProcessId, m.MemberEpoch,
                        Tasks(m.Assignment.Active), Tasks(m.Assignment.Standby), Tasks(m.Assignment.Warmup));
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateOffsets()
    {
        Argument<string> group = GroupsCommand.Group();
        return AdminVerb.Create("share-offsets", "Shows where a share group begins to read.", ["groups share-offsets invoices"], [group], async call =>
        {
            AdminResults<TopicPartition, SharePartitionOffset?> found = await call.Admin.ListShareGroupOffsetsAsync(call.Get(group), null, null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("topic", "partition", "startOffset", "lag");
            foreach ((TopicPartition partition, SharePartitionOffset? offset) in found.Values.InOrder())
            {
                table.Add(partition.Topic, partition.Partition, offset?.StartOffset, offset?.Lag);
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateAlterOffsets()
    {
        Argument<string> group = GroupsCommand.Group();
        var offsets = new Option<string[]>("--offset") { Description = "Where it is to begin in a partition; may be given again.", HelpName = "TOPIC:N=OFFSET", Required = true };
        return AdminVerb.Create("alter-share-offsets", "Moves a share group without members.", ["groups alter-share-offsets invoices --offset orders:0=100"], [group, offsets], async call =>
        {
            Dictionary<TopicPartition, long> wanted = [];
            foreach (string text in call.Get(offsets)!)
            {
                (string partition, string offset) = NameValue.Parse(text, "--offset", "TOPIC:N=OFFSET");
                wanted[PartitionNames.ParseOne(partition)] = long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                    ? number
                    : throw new ArgumentException($"'{text}' behind --offset is not of the form TOPIC:N=OFFSET.");
            }

            return call.Print(await call.Admin.AlterShareGroupOffsetsAsync(call.Get(group), wanted, null, call.CancellationToken).ConfigureAwait(false), "partition", "moved");
        });
    }

    private static Verb CreateDeleteOffsets()
    {
        Argument<string> group = GroupsCommand.Group();
        var topics = new Option<string[]>("--topic") { Description = "A topic; may be given again.", HelpName = "TOPIC", Required = true };
        return AdminVerb.Create("delete-share-offsets", "Deletes what a share group has stored of topics.", ["groups delete-share-offsets invoices --topic orders"], [group, topics], async call =>
            call.Print(await call.Admin.DeleteShareGroupOffsetsAsync(call.Get(group), call.Get(topics)!, null, call.CancellationToken).ConfigureAwait(false), "topic", "deleted"));
    }

    private static IEnumerable<string> Tasks(IEnumerable<StreamsTask> tasks) => tasks.Select(task => $"{task.SubtopologyId}_{task.Partition}");
}
