using System.CommandLine;
using System.Globalization;
using System.Xml;
using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena groups reset-offsets</c>.</summary>
internal static class ResetOffsetsCommand
{
    public static Verb Create()
    {
        Argument<string> group = GroupsCommand.Group();
        var to = new Option<string>("--to")
        {
            Description = "earliest, latest, current (into the range of the log), datetime:ISO-8601, duration:ISO-8601 ago, offset:N or shift:N, where N may be negative.",
            HelpName = "WHERE",
            Required = true,
        };
        Option<string[]> topics = PartitionNames.Option(isRequired: false);
        var execute = new Option<bool>("--execute") { Description = "Store the offsets. Without it they are only shown." };
        string[] examples =
        [
            "groups reset-offsets billing --to earliest",
            "groups reset-offsets billing --to datetime:2026-01-31T12:00:00Z --topic orders --execute",
            "groups reset-offsets billing --to duration:PT2H30M --topic orders:0,3",
            "groups reset-offsets billing --to shift:-100 --execute",
        ];
        return AdminVerb.Create("reset-offsets", "Moves a group without members to other offsets; shows them first.", examples, [group, to, topics, execute], async call =>
        {
            (string Topic, int[]? Partitions)[] named = [.. (call.Get(topics) ?? []).Select(PartitionNames.Parse)];
            var options = new ResetGroupOffsetsOptions
            {
                Topics = [.. named.Where(n => n.Partitions is null).Select(n => n.Topic)],
                Partitions = [.. named.SelectMany(n => (n.Partitions ?? []).Select(p => new TopicPartition(n.Topic, p)))],
                DryRun = !call.Get(execute),
            };
            AdminResults<TopicPartition, OffsetResetStep> reset = await call.Admin.ResetGroupOffsetsAsync(call.Get(group), Parse(call.Get(to)!), options, call.CancellationToken).ConfigureAwait(false);
            if (named.Length == 0 && reset.Values.Count == 0 && reset.Failures.Count == 0)
            {
                throw new ArgumentException($"Group '{call.Get(group)}' has stored no offsets; name what it is to read by --topic.");
            }

            var table = new Table("topic", "partition", "before", "after", "logStart", "logEnd", "result");
            foreach ((TopicPartition partition, OffsetResetStep step) in reset.Values.InOrder())
            {
                string result = options.DryRun ? "would be reset" : "reset";
                table.Add(partition.Topic, partition.Partition, step.Before, step.After, step.LogStart, step.LogEnd, step.IsClamped ? $"{result} into the log's range" : result);
            }

            return call.Print(table, reset);
        });
    }

    internal static OffsetReset Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        try
        {
            return parts switch
            {
                ["earliest"] => OffsetReset.ToEarliest,
                ["latest"] => OffsetReset.ToLatest,
                ["current"] => OffsetReset.ToCurrent,
                ["datetime", var time] => OffsetReset.ToTime(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)),
                ["duration", var age] => OffsetReset.ToAgo(XmlConvert.ToTimeSpan(age)),
                ["offset", var offset] => OffsetReset.ToOffset(long.Parse(offset, NumberStyles.None, CultureInfo.InvariantCulture)),
                ["shift", var shift] => OffsetReset.By(long.Parse(shift, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
                _ => throw new FormatException(),
            };
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new ArgumentException($"'{text}' behind --to is none of earliest, latest, current, datetime:ISO-8601, duration:ISO-8601, offset:N, shift:N.", fault);
        }
    }
}
