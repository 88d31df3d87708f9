using System.CommandLine;
using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena groups</c>.</summary>
internal static class GroupsCommand
{
    public static Command Create()
    {
        var groups = new Command("groups", "Lists, describes and changes groups of consumers.");
        foreach (Verb verb in (IEnumerable<Verb>)
            [CreateList(), CreateDescribe(), CreateMembers(), CreateDelete(), CreateRemoveMembers(), ResetOffsetsCommand.Create(), CreateDeleteOffsets(), .. ShareGroupsCommand.Create()])
        {
            groups.Subcommands.Add(verb);
        }

        return groups;
    }

    internal static Argument<string> Group() => new("GROUP") { Description = "The group." };

    private static Argument<string[]> Groups() => new("GROUP") { Description = "The groups.", Arity = ArgumentArity.OneOrMore };

    private static Verb CreateList()
    {
        var states = new Option<GroupState[]>("--state") { Description = "Only groups in this state; may be given again." };
        var types = new Option<GroupType[]>("--type") { Description = "Only groups of this type; may be given again." };
        return AdminVerb.Create("list", "Lists groups of all types.", ["groups list", "groups list --state empty --type consumer"], [states, types], async call =>
        {
            var options = new ListGroupsOptions { States = call.Get(states) ?? [], Types = call.Get(types) ?? [] };
            AdminListing<GroupListing> found = await call.Admin.ListGroupsAsync(options, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("group", "type", "state", "protocolType", "coordinator");
            foreach (GroupListing group in found.Items.OrderBy(group => group.GroupId, StringComparer.Ordinal))
            {
                table.Add(group.GroupId, group.Type, group.State, group.ProtocolType, group.CoordinatorId);
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateDescribe()
    {
        Argument<string[]> groups = Groups();
        return AdminVerb.Create("describe", "Shows how far groups are, a row a partition.", ["groups describe billing"], [groups], async call =>
        {
            AdminResults<string, ConsumerGroupDescription> found = await call.Admin.DescribeConsumerGroupsAsync(call.Get(groups), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("group", "state", "topic", "partition", "offset", "end", "lag", "member", "client", "host");
            foreach (ConsumerGroupDescription group in found.Values.Values.OrderBy(group => group.GroupId, StringComparer.Ordinal))
            {
                foreach (GroupProgress row in await GroupProgress.ReadAsync(call.Admin, group, call.CancellationToken).ConfigureAwait(false))
                {
                    table.Add(
                        group.GroupId, group.State, row.Partition.Topic, row.Partition.Partition, row.Offset, row.End, row.Lag,
                        row.Member?.MemberId, row.Member?.ClientId, row.Member?.Host);
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateMembers()
    {
        Argument<string[]> groups = Groups();
        return AdminVerb.Create("members", "Shows the members of groups, a row each.", ["groups members billing"], [groups], async call =>
        {
            AdminResults<string, ConsumerGroupDescription> found = await call.Admin.DescribeConsumerGroupsAsync(call.Get(groups), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("group", "state", "type", "assignor", "member", "instance", "client", "host", "epoch", "partitions");
            foreach (ConsumerGroupDescription group in found.Values.Values.OrderBy(group => group.GroupId, StringComparer.Ordinal))
            {
                foreach (ConsumerGroupMember member in group.Members)
                {
                    table.Add(
                        group.GroupId, group.State, group.Type, group.Assignor, member.MemberId, member.InstanceId, member.ClientId, member.Host, member.MemberEpoch,
                        member.Assignment.InOrder().Select(p => p.ToString()));
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateDelete()
    {
        Argument<string[]> groups = Groups();
        return AdminVerb.Create("delete", "Deletes groups without members, with their offsets.", ["groups delete billing"], [groups], async call =>
            call.Print(await call.Admin.DeleteGroupsAsync(call.Get(groups), null, call.CancellationToken).ConfigureAwait(false), "group", "deleted"));
    }

    private static Verb CreateRemoveMembers()
    {
        Argument<string> group = Group();
        var members = new Option<string[]>("--member") { Description = "The id of a member; may be given again.", HelpName = "ID" };
        var instances = new Option<string[]>("--instance") { Description = "The name of a static member; may be given again.", HelpName = "ID" };
        var all = new Option<bool>("--all") { Description = "All members." };
        var reason = new Option<string?>("--reason") { Description = "Why, for the broker's log.", HelpName = "TEXT" };
        string[] examples = ["groups remove-members billing --instance billing-3 --reason moved", "groups remove-members billing --all"];
        return AdminVerb.Create("remove-members", "Takes members out of a group; those that run come back.", examples, [group, members, instances, all, reason], async call =>
        {
            GroupMemberName[] named = [.. (call.Get(members) ?? []).Select(GroupMemberName.OfMember), .. (call.Get(instances) ?? []).Select(GroupMemberName.OfInstance)];
            if (call.Get(all) == (named.Length > 0))
            {
                throw new ArgumentException("Name members by --member and --instance, or take --all.");
            }

            var options = new RemoveGroupMembersOptions { Reason = call.Get(reason) };
            AdminOutcome<GroupMemberName> removed = call.Get(all)
                ? await call.Admin.RemoveAllGroupMembersAsync(call.Get(group), options, call.CancellationToken).ConfigureAwait(false)
                : await call.Admin.RemoveGroupMembersAsync(call.Get(group), named, options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(removed, "member", "removed");
        });
    }

    private static Verb CreateDeleteOffsets()
    {
        Argument<string> group = Group();
        Option<string[]> topics = PartitionNames.Option(isRequired: true);
        return AdminVerb.Create("delete-offsets", "Deletes offsets that a group has stored.", ["groups delete-offsets billing --topic orders:0,1"], [group, topics], async call =>
        {
            IReadOnlyCollection<TopicPartition> partitions = await PartitionNames.ResolveAsync(call, call.Get(topics)!).ConfigureAwait(false);
            return call.Print(await call.Admin.DeleteGroupOffsetsAsync(call.Get(group), partitions, null, call.CancellationToken).ConfigureAwait(false), "partition", "deleted");
        });
    }
}
