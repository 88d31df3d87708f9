using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Measuring;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena perf consume</c>: how fast records are read.</summary>
internal static class PerfConsumeCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        Option<long?> count = new Option<long?>("--count") { Description = "How many records. Default: all that are there now.", HelpName = "N" }.AtLeastOne();
        var fromEnd = new Option<bool>("--from-end") { Description = "Only records that are stored from now on, with their time from the producer's timestamp to here; needs --count." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Verb("consume", "Reads a topic without a group and prints the rate.")
        {
            Examples = ["perf consume orders --count 5000000", "perf consume orders --from-end --count 1000 --json"],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[count, fromEnd, json])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            long? wanted = parsed.GetValue(count);
            if (parsed.GetValue(fromEnd) && wanted is null)
            {
                throw new ArgumentException("--from-end needs --count.");
            }

            KafkaProperties properties = cluster.Read(parsed);
            ConsumerOptions options = properties.ConsumerOptions();
            options.GroupId = options.GroupInstanceId = null;
            return RunAsync(properties.ClientOptions(), options, parsed.GetRequiredValue(topic), wanted, parsed.GetValue(fromEnd), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        KafkaClientOptions clientOptions, ConsumerOptions options, string topic, long? count, bool fromEnd, bool isJson, CancellationToken cancellationToken)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openConsumer = consumer.ConfigureAwait(false);
        await consumer.AssignTopicAsync(topic, fromEnd ? StartPosition.End : StartPosition.Beginning, cancellationToken).ConfigureAwait(false);
        var latency = new LatencyRecorder();
        Throughput all = await MeasureAsync(consumer, count, fromEnd ? latency : null, cancellationToken).ConfigureAwait(false);
        PerfFigures.ToTable(all, fromEnd ? latency : null).Write(Console.Out, Table.StyleFor(isJson));
        return ExitCode.Success;
    }

    private static async Task<Throughput> MeasureAsync(
        Consumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer, long? count, LatencyRecorder? latency, CancellationToken cancellationToken)
    {
        long records = 0;
        long bytes = 0;
        Progress progress = Progress.OnTerminal("records", count, isAlone: true);
        await using ConfiguredAsyncDisposable shown = progress.ConfigureAwait(false);
        long start = Stopwatch.GetTimestamp();
        IAsyncEnumerable<ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>> read =
            count is null ? consumer.ConsumeToEndAsync(cancellationToken) : consumer.ConsumeAsync(cancellationToken);
        await foreach (ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record in read.ConfigureAwait(false))
        {
            long size = (record.Key?.Length ?? 0) + (record.Value?.Length ?? 0);
            bytes += size;
            progress.Add(size);
            latency?.Record(TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(record.UnixTimestamp));
            if (++records == count)
            {
                break;
            }
        }

        return new Throughput(records, bytes, Stopwatch.GetElapsedTime(start));
    }
}
