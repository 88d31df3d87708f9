using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Formatting;
using Milena.Kafka.Protocol;

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
        count.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<long?>() < 0)
            {
                result.AddError("--count must not be negative.");
            }
        });
        var untilEnd = new Option<bool>("--until-end") { Description = "Stop at the end that the partitions had at the start." };
        var format = new Option<string>("--format") { Description = "kcat's tokens: %t %p %o %T %k %s %h %K %S and \\n \\t.", DefaultValueFactory = _ => "%s", HelpName = "FORMAT" };
        var isolation = new Option<string>("--isolation") { Description = "read_committed leaves out records of transactions that are aborted or still run.", DefaultValueFactory = _ => "read_uncommitted" };
        isolation.AcceptOnlyFromAmong("read_uncommitted", "read_committed");
        var json = new Option<bool>("--json") { Description = "One JSON object a line; bytes that are not UTF-8 as {\"base64\": ...}." };
        var command = new Command("consume", "Prints the records of a topic.") { topic, bootstrap, from, partition, count, untilEnd, isolation, format, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new ConsumeRequest(
                parsed.GetRequiredValue(topic),
                ParsePosition(parsed.GetRequiredValue(from)),
                parsed.GetValue(partition),
                parsed.GetValue(count) ?? long.MaxValue,
                parsed.GetValue(untilEnd),
                parsed.GetValue(isolation) == "read_committed" ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted);
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
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(new ConsumerOptions { IsolationLevel = request.Isolation });
        await using ConfiguredAsyncDisposable openConsumer = consumer.ConfigureAwait(false);
        if (request.Partition is { } partition)
        {
            consumer.Assign(new PartitionStart(request.Topic, partition, request.From));
        }
        else
        {
            await consumer.AssignTopicAsync(request.Topic, request.From, cancellationToken).ConfigureAwait(false);
        }

        PipeWriter output = PipeWriter.Create(StandardOutput.Open());
        try
        {
            IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> records =
                request.UntilEnd ? consumer.ConsumeToEndAsync(cancellationToken) : consumer.ConsumeAsync(cancellationToken);
            await PrintAsync(records, request.Count, text, output).ConfigureAwait(false);
        }
        catch (IOException fault) when (StandardOutput.IsClosedByReader(fault))
        {
            // Whoever read the output, such as head, has seen enough.
            await output.CompleteAsync(fault).ConfigureAwait(false);
        }
        finally
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    private static async Task PrintAsync(
        IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> records, long count, RecordFormat? text, PipeWriter output)
    {
        const int flushAt = 64 * 1024;
        using var json = new JsonRecords(output);
        IAsyncEnumerator<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> each = records.GetAsyncEnumerator();
        await using ConfiguredAsyncDisposable open = each.ConfigureAwait(false);
        for (long printed = 0; printed < count; printed++)
        {
            ValueTask<bool> next = each.MoveNextAsync();
            if (!next.IsCompleted || output.UnflushedBytes > flushAt)
            {
                // Nothing is held back while there is nothing to read.
                await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }

            if (!await next.ConfigureAwait(false))
            {
                return;
            }

            Print(each.Current, text, json, output);
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
