using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena reassign</c>.</summary>
internal static class ReassignCommand
{
    public static Command Create() => new("reassign", "Moves partitions between brokers and directories, and elects leaders.")
    {
        CreateList(),
        CreateMove(),
        CreateCancel(),
        CreateElect(),
        CreateReplicaDirs(),
        CreateMoveDir(),
    };

    private static Verb CreateList() => AdminVerb.Create("list", "Shows the moves that are under way.", ["reassign list"], [], async call =>
    {
        var table = new Table("topic", "partition", "replicas", "adding", "removing");
        foreach ((TopicPartition partition, PartitionReassignment move) in
            (await call.Admin.ListPartitionReassignmentsAsync(null, null, call.CancellationToken).ConfigureAwait(false)).InOrder())
        {
            table.Add(partition.Topic, partition.Partition, move.Replicas, move.AddingReplicas, move.RemovingReplicas);
        }

        return call.Print(table);
    });

    private static Verb CreateMove()
    {
        var moves = new Argument<string[]>("TOPIC:N=BROKER,BROKER") { Description = "A partition and the brokers that it is to be on, the preferred leader first.", Arity = ArgumentArity.OneOrMore };
        var keep = new Option<bool>("--keep-replication") { Description = "Refuse a move that changes how many brokers hold a partition." };
        string[] examples = ["reassign move orders:0=1,2,3 orders:1=2,3,1 --keep-replication"];
        return AdminVerb.Create("move", "Moves partitions to other brokers.", examples, [moves, keep], async call =>
        {
            Dictionary<TopicPartition, IReadOnlyList<int>?> targets = [];
            foreach (string move in call.Get(moves))
            {
                (string partition, string brokers) = NameValue.Parse(move, null, "TOPIC:N=BROKER,BROKER");
                targets[PartitionNames.ParseOne(partition)] = BrokerIds.Parse(brokers);
            }

            var options = new AlterReassignmentsOptions { AllowReplicationFactorChange = !call.Get(keep) };
            return call.Print(await call.Admin.AlterPartitionReassignmentsAsync(targets, options, call.CancellationToken).ConfigureAwait(false), "partition", "is being moved");
        });
    }

    private static Verb CreateCancel()
    {
        var partitions = new Argument<string[]>("TOPIC[:N,N]") { Description = "The partitions.", Arity = ArgumentArity.OneOrMore };
        return AdminVerb.Create("cancel", "Cancels moves that are under way.", ["reassign cancel orders:0"], [partitions], async call =>
        {
            IReadOnlyCollection<TopicPartition> named = await PartitionNames.ResolveAsync(call, call.Get(partitions)).ConfigureAwait(false);
            AdminOutcome<TopicPartition> cancelled = await call.Admin.AlterPartitionReassignmentsAsync(
                named.ToDictionary(p => p, _ => (IReadOnlyList<int>?)null), null, call.CancellationToken).ConfigureAwait(false);
            return call.Print(cancelled, "partition", "cancelled");
        });
    }

    private static Verb CreateElect()
    {
        var partitions = new Argument<string[]>("TOPIC[:N,N]") { Description = "The partitions. Default: all of the cluster.", Arity = ArgumentArity.ZeroOrMore };
        var unclean = new Option<bool>("--unclean") { Description = "Where no replica is in sync, one that is not becomes the leader: records may be lost." };
        string[] examples = ["reassign elect", "reassign elect orders:0 --unclean"];
        return AdminVerb.Create("elect", "Makes the preferred replicas leaders.", examples, [partitions, unclean], async call =>
        {
            IReadOnlyCollection<TopicPartition>? named = call.Get(partitions) is { Length: > 0 } texts ? await PartitionNames.ResolveAsync(call, texts).ConfigureAwait(false) : null;
            ElectionType type = call.Get(unclean) ? ElectionType.Unclean : ElectionType.Preferred;
            return call.Print(await call.Admin.ElectLeadersAsync(type, named, null, call.CancellationToken).ConfigureAwait(false), "partition", "elected");
        });
    }

    private static Verb CreateReplicaDirs()
    {
        var replicas = new Argument<string[]>("TOPIC:N@BROKER") { Description = "Replicas.", Arity = ArgumentArity.OneOrMore };
        return AdminVerb.Create("replica-dirs", "Shows in which directory replicas lie, and into which they are being moved.", ["reassign replica-dirs orders:0@1"], [replicas], async call =>
        {
            AdminResults<TopicPartitionReplica, ReplicaLogDirs> found = await call.Admin.DescribeReplicaLogDirsAsync(call.Get(replicas).Select(ParseReplica), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("topic", "partition", "broker", "dir", "lag", "futureDir", "futureLag");
            foreach ((TopicPartitionReplica replica, ReplicaLogDirs dirs) in found.Values)
            {
                table.Add(replica.Topic, replica.Partition, replica.BrokerId, dirs.Current, dirs.CurrentOffsetLag, dirs.Future, dirs.FutureOffsetLag);
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateMoveDir()
    {
        var moves = new Argument<string[]>("TOPIC:N@BROKER=DIR") { Description = "Replicas and the log directories that they are to lie in.", Arity = ArgumentArity.OneOrMore };
        return AdminVerb.Create("move-dir", "Moves replicas between the log directories of a broker.", ["reassign move-dir orders:0@1=/data/kafka-2"], [moves], async call =>
        {
            Dictionary<TopicPartitionReplica, string> targets = [];
            foreach (string move in call.Get(moves))
            {
                (string replica, string dir) = NameValue.Parse(move, null, "TOPIC:N@BROKER=DIR");
                targets[ParseReplica(replica)] = dir;
            }

            return call.Print(await call.Admin.AlterReplicaLogDirsAsync(targets, null, call.CancellationToken).ConfigureAwait(false), "replica", "is being moved");
        });
    }

    private static TopicPartitionReplica ParseReplica(string text)
    {
        int at = text.LastIndexOf('@');
        if (at < 0 || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int broker))
        {
            throw new ArgumentException($"'{text}' is not of the form TOPIC:N@BROKER.");
        }

        TopicPartition partition = PartitionNames.ParseOne(text[..at]);
        return new TopicPartitionReplica(partition.Topic, partition.Partition, broker);
    }
}
