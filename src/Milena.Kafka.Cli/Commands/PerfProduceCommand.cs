using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Measuring;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Cli.Verification;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena perf produce</c>: the figures of kafka-producer-perf-test.</summary>
internal static class PerfProduceCommand
{
    // What is on its way at a time; the producer's own memory is the narrower limit for large records.
    private const int Window = 100_000;

    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        Option<long?> count = new Option<long?>("--count") { Description = "How many records. Default: 1,000,000.", HelpName = "N" }.AtLeastOne();
        Option<int> size = new Option<int>("--size") { Description = "Bytes of a value.", HelpName = "B", DefaultValueFactory = static _ => 100 }.NotNegative();
        Option<double> rate = new Option<double>("--rate") { Description = "Records a second. Default: as fast as it goes.", HelpName = "R" }.NotNegative();
        Option<int> keys = new Option<int>("--keys") { Description = "How many keys take turns. Default: records have no key.", HelpName = "K" }.NotNegative();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Verb("produce", "Produces records and prints rate and latencies as kafka-producer-perf-test does.")
        {
            Examples = ["perf produce orders --count 5000000 --size 100", "perf produce orders --rate 10000 -X acks=1 -X linger.ms=0"],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[count, size, rate, keys, json])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new ProducePlan(parsed.GetRequiredValue(topic), parsed.GetValue(count) ?? 1_000_000, parsed.GetValue(rate), parsed.GetValue(size), parsed.GetValue(keys));
            KafkaProperties properties = cluster.Read(parsed);
            return RunAsync(properties.ClientOptions(), properties.ProducerOptions(), plan, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ProducerOptions options, ProducePlan plan, bool isJson, CancellationToken cancellationToken)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer = kafka.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openProducer = producer.ConfigureAwait(false);
        var latency = new LatencyRecorder();
        using var window = new SemaphoreSlim(Window);
        Exception? first = null;
        long failed = 0;
        Progress progress = Progress.OnTerminal("records", plan.Count, isAlone: true);
        await using ConfiguredAsyncDisposable shown = progress.ConfigureAwait(false);
        var records = new NumberedRecords(plan.Size, plan.Keys);
        var pace = new Pace(plan.Rate, clientOptions.TimeProvider);
        long start = Stopwatch.GetTimestamp();
        for (long number = 0; number < plan.Count && first is null; number++)
        {
            await pace.WaitAsync(number, cancellationToken).ConfigureAwait(false);
            await window.WaitAsync(cancellationToken).ConfigureAwait(false);
            _ = ObserveAsync(producer.ProduceAsync(plan.Topic, records.Key(number), records.Value(number), CancellationToken.None), Stopwatch.GetTimestamp());
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < Window; i++)
        {
            await window.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var sent = new Throughput(latency.Count, latency.Count * plan.Size, Stopwatch.GetElapsedTime(start));
        if (isJson)
        {
            PerfFigures.ToTable(sent, latency).Write(Console.Out, TableStyle.Json);
        }
        else
        {
            await Console.Out.WriteLineAsync(ToText(sent, latency)).ConfigureAwait(false);
        }

        if (first is not null)
        {
            await Console.Error.WriteLineAsync($"milena: {failed} records were not stored. The first reason: {first.Message}").ConfigureAwait(false);
        }

        return first is null ? ExitCode.Success : ExitCode.Cluster;

        async Task ObserveAsync(ValueTask<DeliveryResult> delivery, long began)
        {
            try
            {
                await delivery.ConfigureAwait(false);
                latency.RecordSince(began);
                progress.Add(plan.Size);
            }
            catch (Exception failure)
            {
                Interlocked.Increment(ref failed);
                Interlocked.CompareExchange(ref first, failure, null);
            }
            finally
            {
                window.Release();
            }
        }
    }

    private static string ToText(Throughput sent, LatencyRecorder latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"{sent.Records} records sent, {sent}, {latency.AverageMilliseconds:F2} ms avg latency, {latency.MaxMilliseconds:F2} ms max latency, "
        + $"{latency.Milliseconds(0.5):F2} ms 50th, {latency.Milliseconds(0.95):F2} ms 95th, {latency.Milliseconds(0.99):F2} ms 99th, {latency.Milliseconds(0.999):F2} ms 99.9th.");
}
