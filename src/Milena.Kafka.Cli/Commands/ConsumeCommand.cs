using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Formatting;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena consume</c>: prints the records of a topic.</summary>
internal static class ConsumeCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        Option<string> bootstrap = BootstrapOption.Create();
        var from = new Option<string>("--from") { Description = "Where to start: beginning, end, an offset, or timestamp:ISO-8601; with --group only where it has committed nothing.", DefaultValueFactory = _ => "beginning", HelpName = "POSITION" };
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
        var json = new Option<bool>("--json") { Description = "One JSON object a line; bytes that are not UTF-8 as {\"base64\": ...}." };
        var command = new Command("consume", "Prints the records of a topic.") { topic, bootstrap, from, partition, count, untilEnd, format, json };
        var group = new GroupOptions(isRequired: false);
        group.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new ConsumeRequest(
                parsed.GetRequiredValue(topic),
                ParsePosition(parsed.GetRequiredValue(from)),
                parsed.GetValue(partition),
                parsed.GetValue(count) ?? long.MaxValue,
                parsed.GetValue(untilEnd),
                group.Read(parsed, parsed.GetRequiredValue(topic)));
            if (request is { Group: not null, Partition: not null } or { Group: not null, UntilEnd: true })
            {
                throw new ArgumentException("--partition and --until-end are for reading without a group, which shares out the partitions as it likes.");
            }

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
        if (request.Group is { } group)
        {
            group.AutoOffsetReset = request.From;
        }

        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(request.Group);
        await using ConfiguredAsyncDisposable openConsumer = consumer.ConfigureAwait(false);
        if (request.Group is not null)
        {
            // The group assigns.
        }
        else if (request.Partition is { } partition)
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
            ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? last = await PrintAsync(records, request.Count, text, output).ConfigureAwait(false);
            if (request.Group is not null && last is { } printed)
            {
                // The loop does not come back for another, which would have said that this one is done.
                await consumer.CommitAsync(printed, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
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

    /// <summary>Prints records.</summary>
    /// <returns>The last one; null if there was none.</returns>
    private static async Task<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>?> PrintAsync(
        IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> records, long count, RecordFormat? text, PipeWriter output)
    {
        const int flushAt = 64 * 1024;
        using var json = new JsonRecords(output);
        IAsyncEnumerator<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> each = records.GetAsyncEnumerator();
        await using ConfiguredAsyncDisposable open = each.ConfigureAwait(false);
        ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? last = null;
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
                break;
            }

            Print(each.Current, text, json, output);
            last = each.Current;
        }

        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return last;
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
