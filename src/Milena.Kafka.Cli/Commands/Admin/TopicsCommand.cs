using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena topics</c>.</summary>
internal static class TopicsCommand
{
    public static Command Create() => new("topics", "Lists, creates, changes and deletes topics.")
    {
        CreateList(),
        CreateDescribe(),
        CreateCreate(),
        CreateDelete(),
        CreateAddPartitions(),
        CreateDeleteRecords(),
    };

    private static Argument<string[]> Topics() => new("TOPIC") { Description = "The topics.", Arity = ArgumentArity.OneOrMore };

    private static Option<string[]> Assignment() => new("--assignment")
    {
        Description = "The brokers of one partition, the preferred leader first; once for each partition.",
        HelpName = "BROKER,BROKER",
    };

    private static Option<bool> DryRun() => new("--dry-run") { Description = "The cluster says whether it would, and changes nothing." };

    private static Verb CreateList()
    {
        var isInternal = new Option<bool>("--internal") { Description = "With topics that the cluster keeps for itself." };
        return AdminVerb.Create("list", "Lists topics.", ["topics list -b localhost:9092", "topics list --internal --json"], [isInternal], async call =>
        {
            var table = new Table("topic", "id", "internal");
            foreach (TopicListing topic in (await call.Admin.ListTopicsAsync(new ListTopicsOptions { IncludeInternal = call.Get(isInternal) }, call.CancellationToken).ConfigureAwait(false))
                .OrderBy(topic => topic.Name, StringComparer.Ordinal))
            {
                table.Add(topic.Name, topic.Id, topic.IsInternal);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateDescribe()
    {
        Argument<string[]> topics = Topics();
        return AdminVerb.Create("describe", "Shows the partitions of topics, a row each.", ["topics describe orders"], [topics], async call =>
        {
            var table = new Table("topic", "partition", "leader", "leaderEpoch", "replicas", "inSync", "offline", "eligible");
            AdminResults<string, TopicDescription> found = await call.Admin.DescribeTopicsAsync(call.Get(topics), null, call.CancellationToken).ConfigureAwait(false);
            foreach (TopicDescription topic in found.Values.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal))
            {
                foreach (PartitionDescription p in topic.Partitions)
                {
                    table.Add(topic.Name, p.Partition, p.Leader, p.LeaderEpoch, p.Replicas, p.InSyncReplicas, p.OfflineReplicas, p.EligibleLeaderReplicas);
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateCreate()
    {
        Argument<string[]> topics = Topics();
        var partitions = new Option<int?>("--partitions") { Description = "How many partitions. Default: as the cluster is set.", HelpName = "N" }.AtLeastOne();
        var replication = new Option<short?>("--replication") { Description = "How many brokers hold each partition. Default: as the cluster is set.", HelpName = "N" }.AtLeastOne();
        Option<string[]> assignment = Assignment();
        var set = new Option<string[]>("--set") { Description = "A setting of the topics; may be given again.", HelpName = "NAME=VALUE" };
        Option<bool> dryRun = DryRun();
        string[] examples = ["topics create orders --partitions 6 --replication 3 --set cleanup.policy=compact", "topics create orders --assignment 1,2 --assignment 2,1 --dry-run"];
        return AdminVerb.Create("create", "Creates topics.", examples, [topics, partitions, replication, assignment, set, dryRun], async call =>
        {
            var configs = NameValue.Unique((call.Get(set) ?? []).Select(text => NameValue.Parse(text, "--set")), "--set");
            IEnumerable<NewTopic> wanted = call.Get(topics).Distinct().Select(name => new NewTopic(name)
            {
                Partitions = call.Get(partitions),
                ReplicationFactor = call.Get(replication),
                Assignments = call.Get(assignment) is { Length: > 0 } rows ? [.. rows.Select(BrokerIds.Parse)] : null,
                Configs = configs,
            });
            var options = new AdminChangeOptions { ValidateOnly = call.Get(dryRun) };
            AdminResults<string, CreatedTopic> created = await call.Admin.CreateTopicsAsync(wanted, options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(created, "topic", options.ValidateOnly ? "would be created" : "created");
        });
    }

    private static Verb CreateDelete()
    {
        Argument<string[]> topics = Topics();
        return AdminVerb.Create("delete", "Deletes topics with all their records.", ["topics delete orders returns"], [topics], async call =>
            call.Print(await call.Admin.DeleteTopicsAsync(call.Get(topics), null, call.CancellationToken).ConfigureAwait(false), "topic", "deleted"));
    }

    private static Verb CreateAddPartitions()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var total = new Option<int>("--total") { Description = "How many partitions there are to be then.", HelpName = "N", Required = true };
        Option<string[]> assignment = Assignment();
        Option<bool> dryRun = DryRun();
        string[] examples = ["topics add-partitions orders --total 12"];
        return AdminVerb.Create("add-partitions", "Adds partitions. Keys may go to other partitions than before.", examples, [topic, total, assignment, dryRun], async call =>
        {
            var wanted = new NewPartitions(call.Get(total)) { Assignments = call.Get(assignment) is { Length: > 0 } rows ? [.. rows.Select(BrokerIds.Parse)] : null };
            var options = new AdminChangeOptions { ValidateOnly = call.Get(dryRun) };
            AdminOutcome<string> changed = await call.Admin.CreatePartitionsAsync(
                new Dictionary<string, NewPartitions> { [call.Get(topic)] = wanted }, options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(changed, "topic", options.ValidateOnly ? "would have more" : "has more");
        });
    }

    private static Verb CreateDeleteRecords()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var before = new Option<string[]>("--before")
        {
            Description = "The first offset of a partition that stays, or end for none; may be given again.",
            HelpName = "PARTITION=OFFSET",
            Required = true,
        };
        string[] examples = ["topics delete-records orders --before 0=1200 --before 1=end"];
        return AdminVerb.Create("delete-records", "Deletes the oldest records of partitions.", examples, [topic, before], async call =>
        {
            var offsets = NameValue.Unique(call.Get(before)!.Select(text => ParseBefore(call.Get(topic), text)), "--before");
            AdminResults<TopicPartition, long> deleted = await call.Admin.DeleteRecordsAsync(offsets, null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("topic", "partition", "logStart");
            foreach ((TopicPartition partition, long start) in deleted.Values.InOrder())
            {
                table.Add(partition.Topic, partition.Partition, start);
            }

            return call.Print(table, deleted);
        });
    }

    private static (TopicPartition Partition, long Offset) ParseBefore(string topic, string text)
    {
        const string form = "PARTITION=OFFSET";
        (string partition, string offset) = NameValue.Parse(text, "--before", form);
        long end = -1;
        return int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && (offset == "end" || long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out end))
            ? (new TopicPartition(topic, number), end)
            : throw new ArgumentException($"'{text}' behind --before is not of the form {form}.");
    }
}
