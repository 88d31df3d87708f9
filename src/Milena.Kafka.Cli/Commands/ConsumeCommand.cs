using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using Milena.Kafka.Cli.Formatting;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena consume</c>: prints the records of a topic.</summary>
internal static class ConsumeCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        Option<string> bootstrap = BootstrapOption.Create();
        var from = new Option<string>("--from") { Description = "Where to start: beginning, end, an offset, or timestamp:ISO-8601.", DefaultValueFactory = _ => "beginning", HelpName = "POSITION" };
        var partition = new Option<int?>("--partition") { Description = "One partition. Default: all of them.", HelpName = "N" };
        var count = new Option<long?>("--count") { Description = "Stop after this many records.", HelpName = "N" };
        var untilEnd = new Option<bool>("--until-end") { Description = "Stop at the end that the partitions had at the start." };
        var format = new Option<string>("--format") { Description = "kcat's tokens: %t %p %o %T %k %s %h %K %S and \\n \\t.", DefaultValueFactory = _ => "%s", HelpName = "FORMAT" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line; bytes that are not UTF-8 as {\"base64\": ...}." };
        var command = new Command("consume", "Prints the records of a topic.") { topic, bootstrap, from, partition, count, untilEnd, format, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new ConsumeRequest(
                parsed.GetRequiredValue(topic),
                ParsePosition(parsed.GetRequiredValue(from)),
                parsed.GetValue(partition),
                parsed.GetValue(count) ?? long.MaxValue,
                parsed.GetValue(untilEnd));
            RecordFormat? text = parsed.GetValue(json) ? null : new RecordFormat(parsed.GetRequiredValue(format));
            return RunAsync(BootstrapOption.ClientOptions(parsed.GetValue(bootstrap)), request, text, cancellationToken);
        });
        return command;
    }

    internal static StartPosition ParsePosition(string text)
    {
        const string timestamp = "timestamp:";
        if (text.StartsWith(timestamp, StringComparison.Ordinal))
        {
            return DateTimeOffset.TryParse(text.AsSpan(timestamp.Length), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
                ? StartPosition.AtTimestamp(time)
                : throw new ArgumentException($"'{text}' behind --from is not timestamp:ISO-8601, such as timestamp:2026-01-31T12:00:00Z.");
        }

        return text switch
        {
            "beginning" => StartPosition.Beginning,
            "end" => StartPosition.End,
            _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) => StartPosition.At(offset),
            _ => throw new ArgumentException($"'{text}' behind --from is not beginning, end, an offset, or timestamp:ISO-8601."),
        };
    }

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ConsumeRequest request, RecordFormat? text, CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(clientOptions);
        await using Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>();
        IReadOnlyList<TopicPartition> partitions = await PartitionsAsync(consumer, request, cancellationToken).ConfigureAwait(false);
        consumer.Assign(partitions.Select(p => new PartitionStart(p, request.From)));
        var ends = new Dictionary<TopicPartition, long>();
        foreach (TopicPartition partition in request.UntilEnd ? partitions : [])
        {
            Watermarks watermarks = await consumer.GetWatermarksAsync(partition, cancellationToken).ConfigureAwait(false);
            long start = await StartOffsetAsync(consumer, partition, request.From, watermarks, cancellationToken).ConfigureAwait(false);
            if (start < watermarks.High)
            {
                ends[partition] = watermarks.High;
            }
        }

        if (request.Count <= 0 || (request.UntilEnd && ends.Count == 0))
        {
            return ExitCode.Success;
        }

        PipeWriter output = PipeWriter.Create(Console.OpenStandardOutput());
        try
        {
            await PrintAsync(consumer, request, ends, text, output, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    private static async Task PrintAsync(
        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
        ConsumeRequest request,
        Dictionary<TopicPartition, long> ends,
        RecordFormat? text,
        PipeWriter output,
        CancellationToken cancellationToken)
    {
        using var json = new JsonRecords(output);
        long left = request.Count;
        await foreach (ConsumeBatch<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> batch in consumer.ConsumeBatchesAsync(cancellationToken).ConfigureAwait(false))
        {
            bool bounded = ends.TryGetValue(batch.TopicPartition, out long end);
            bool ignored = request.UntilEnd && !bounded;
            foreach (ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record in batch)
            {
                if (left == 0 || ignored || (bounded && record.Offset >= end))
                {
                    break;
                }

                Print(record, text, json, output);
                left--;
            }

            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (bounded && batch.NextOffset >= end)
            {
                ends.Remove(batch.TopicPartition);
            }

            if (left == 0 || (request.UntilEnd && ends.Count == 0))
            {
                return;
            }
        }
    }

    private static void Print(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record, RecordFormat? text, JsonRecords json, PipeWriter output)
    {
        if (text is null)
        {
            json.Write(record);
        }
        else
        {
            text.Write(record, output);
        }
    }
}
