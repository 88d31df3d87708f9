using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Formatting;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena consume</c>: prints the records of a topic.</summary>
internal static class ConsumeCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        var from = new Option<string?>("--from")
        {
            Description = "Where to start: beginning, end, an offset, or timestamp:ISO-8601; with --group only where it has committed nothing. Default: as auto.offset.reset says, else beginning.",
            HelpName = "POSITION",
        };
        var last = new Option<long?>("--last") { Description = "Start this many offsets before the end of each partition.", HelpName = "N" }.NotNegative();
        var partition = new Option<int?>("--partition") { Description = "One partition. Default: all of them.", HelpName = "N" }.NotNegative();
        var count = new Option<long?>("--count") { Description = "Stop after this many records.", HelpName = "N" }.NotNegative();
        var untilEnd = new Option<bool>("--until-end") { Description = "Stop at the end that the partitions had at the start." };
        var key = new Option<string?>("--key") { Description = "Only records with this key.", HelpName = "TEXT" };
        var header = new Option<string[]>("--header") { Description = "Only records with this header; may be given again.", HelpName = "NAME[=VALUE]" };
        var format = new Option<string>("--format") { Description = "kcat's tokens: %t %p %o %T %k %s %h %K %S and \\n \\t.", DefaultValueFactory = _ => "%s", HelpName = "FORMAT" };
        var isolation = new Option<string>("--isolation") { Description = "read_committed leaves out records of transactions that are aborted or still run. Default: read_uncommitted." };
        isolation.OneOf("read_uncommitted", "read_committed");
        var json = new Option<bool>("--json") { Description = "One JSON object a line, as 'produce --json' takes; bytes that are not UTF-8 as {\"base64\": ...}." };
        var group = new GroupOptions(isRequired: false);
        var command = new Verb("consume", "Prints the records of a topic.")
        {
            Examples =
            [
                "consume orders -b localhost:9092 --until-end",
                "consume orders --last 10 --format \"%p:%o %k %s\"",
                "consume orders --group billing --count 100 --json",
            ],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[from, last, partition, count, untilEnd, key, header, isolation, format, json])
        {
            command.Options.Add(option);
        }

        group.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            KafkaProperties properties = cluster.Read(parsed);
            ConsumerOptions options = properties.ConsumerOptions();
            options.IsolationLevel = parsed.GetValue(isolation) switch
            {
                "read_committed" => IsolationLevel.ReadCommitted,
                "read_uncommitted" => IsolationLevel.ReadUncommitted,
                _ => options.IsolationLevel,
            };
            if (parsed.GetResult(last) is not null && parsed.GetResult(from) is { Implicit: false })
            {
                throw new ArgumentException("--last and --from both say where to start; take one of them.");
            }

            group.Apply(parsed, parsed.GetRequiredValue(topic), options);
            options.AutoOffsetReset = parsed.GetValue(from) is { } start ? ParsePosition(start) : options.AutoOffsetReset;
            var request = new ConsumeRequest(parsed.GetRequiredValue(topic), options.AutoOffsetReset ?? StartPosition.Beginning, parsed.GetValue(partition))
            {
                Count = parsed.GetValue(count) ?? long.MaxValue,
                UntilEnd = parsed.GetValue(untilEnd),
                Last = parsed.GetValue(last),
                Filter = new RecordFilter(parsed.GetValue(key), parsed.GetValue(header) ?? []),
                Text = parsed.GetValue(json) ? null : new RecordFormat(parsed.GetRequiredValue(format)),
            };
            if (options.GroupId is not null && (request.Partition is not null || request.UntilEnd || request.Last is not null))
            {
                throw new ArgumentException("--partition, --last and --until-end are for reading without a group, which shares out the partitions as it likes.");
            }

            return RunAsync(properties.ClientOptions(), options, request, cancellationToken);
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

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ConsumerOptions options, ConsumeRequest request, CancellationToken cancellationToken)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        bool isMember = options.GroupId is not null;
        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openConsumer = consumer.ConfigureAwait(false);
        if (!isMember)
        {
            await AssignAsync(consumer, request, cancellationToken).ConfigureAwait(false);
        }

        PipeWriter output = PipeWriter.Create(StandardOutput.Open());
        try
        {
            IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> records =
                request.UntilEnd ? consumer.ConsumeToEndAsync(cancellationToken) : consumer.ConsumeAsync(cancellationToken);
            ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? last = await PrintAsync(records, request, output).ConfigureAwait(false);
            if (isMember && last is { } printed)
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

    private static async Task AssignAsync(Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer, ConsumeRequest request, CancellationToken cancellationToken)
    {
        if (request.Partition is { } partition)
        {
            consumer.Assign(new PartitionStart(request.Topic, partition, request.From));
        }
        else
        {
            await consumer.AssignTopicAsync(request.Topic, request.From, cancellationToken).ConfigureAwait(false);
        }

        if (request.Last is { } last)
        {
            Watermarks[] ends = await Task.WhenAll(consumer.Assignment.Select(p => consumer.GetWatermarksAsync(p, cancellationToken))).ConfigureAwait(false);
            consumer.Assign(consumer.Assignment.Zip(ends, (p, end) => new PartitionStart(p, StartPosition.At(Math.Max(end.Low, end.High - last)))));
        }
    }

    /// <summary>Prints records.</summary>
    /// <returns>The last one; null if there was none.</returns>
    private static async Task<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>?> PrintAsync(
        IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> records, ConsumeRequest request, PipeWriter output)
    {
        const int flushAt = 64 * 1024;
        using var json = new JsonRecords(output);
        IAsyncEnumerator<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> each = records.GetAsyncEnumerator();
        await using ConfiguredAsyncDisposable open = each.ConfigureAwait(false);
        Progress progress = Progress.OnTerminal("records", request.Count == long.MaxValue ? null : request.Count, isAlone: Console.IsOutputRedirected);
        await using ConfiguredAsyncDisposable shown = progress.ConfigureAwait(false);
        ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? last = null;
        for (long printed = 0; printed < request.Count;)
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

            last = each.Current;
            if (request.Filter.Matches(each.Current))
            {
                printed++;
                Print(each.Current, request.Text, json, output);
            }

            progress.Add(SizeOf(each.Current));
        }

        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return last;
    }

    private static long SizeOf(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record) => (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);

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
