using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena offsets</c>.</summary>
internal static class OffsetsCommand
{
    private static readonly Dictionary<string, OffsetSpec> Known = new()
    {
        ["earliest"] = OffsetSpec.Earliest,
        ["latest"] = OffsetSpec.Latest,
        ["max-timestamp"] = OffsetSpec.MaxTimestamp,
        ["earliest-local"] = OffsetSpec.EarliestLocal,
        ["latest-tiered"] = OffsetSpec.LatestTiered,
        ["earliest-pending-upload"] = OffsetSpec.EarliestPendingUpload,
    };

    public static Command Create()
    {
        var partitions = new Argument<string[]>("TOPIC[:N,N]") { Description = "Topics, or some of their partitions.", Arity = ArgumentArity.OneOrMore };
        var at = new Option<string>("--at")
        {
            Description = $"{string.Join(", ", Known.Keys)}, or datetime:ISO-8601 for the first record that is not older.",
            DefaultValueFactory = _ => "latest",
            HelpName = "WHERE",
        };
        var committed = new Option<bool>("--committed") { Description = "The latest offset is where the oldest open transaction begins." };
        string[] examples = ["offsets orders", "offsets orders:0 returns --at datetime:2026-01-31T12:00:00Z --json"];
        return AdminVerb.Create("offsets", "Shows where partitions begin and end, or which offset belongs to a time.", examples, [partitions, at, committed], async call =>
        {
            OffsetSpec spec = Parse(call.Get(at)!);
            IReadOnlyCollection<TopicPartition> named = await PartitionNames.ResolveAsync(call, call.Get(partitions)).ConfigureAwait(false);
            var options = new ListOffsetsOptions { IsolationLevel = call.Get(committed) ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted };
            AdminResults<TopicPartition, ListedOffset> found = await call.Admin.ListOffsetsAsync(named.ToDictionary(p => p, _ => spec), options, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("topic", "partition", "offset", "timestamp", "leaderEpoch");
            foreach ((TopicPartition partition, ListedOffset offset) in found.Values.InOrder())
            {
                table.Add(partition.Topic, partition.Partition, offset.Offset, offset.Timestamp, offset.LeaderEpoch);
            }

            return call.Print(table, found);
        });
    }

    private static OffsetSpec Parse(string text)
    {
        const string time = "datetime:";
        if (Known.TryGetValue(text, out OffsetSpec spec))
        {
            return spec;
        }

        return text.StartsWith(time, StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text.AsSpan(time.Length), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? OffsetSpec.AtTime(at)
            : throw new ArgumentException($"'{text}' behind --at is none of {string.Join(", ", Known.Keys)}, datetime:ISO-8601.");
    }
}
