using System.CommandLine;
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
        using var load = new ProduceLoad(producer, plan);
        Throughput sent = await load.RunAsync(cancellationToken).ConfigureAwait(false);
        if (isJson)
        {
            PerfFigures.ToTable(sent, load.Latency).Write(Console.Out, TableStyle.Json);
        }
        else
        {
            await Console.Out.WriteLineAsync(ToText(sent, load.Latency)).ConfigureAwait(false);
        }

        if (load.FirstFailure is { } failure)
        {
            await Console.Error.WriteLineAsync($"milena: {load.Failed} records were not stored. The first reason: {ErrorLine.Of(failure)}").ConfigureAwait(false);
            return ExitCode.Cluster;
        }

        return ExitCode.Success;
    }

    private static string ToText(Throughput sent, LatencyRecorder latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"{sent.Records} records sent, {sent}, {latency.AverageMilliseconds:F2} ms avg latency, {latency.MaxMilliseconds:F2} ms max latency, "
        + $"{latency.Milliseconds(0.5):F2} ms 50th, {latency.Milliseconds(0.95):F2} ms 95th, {latency.Milliseconds(0.99):F2} ms 99th, {latency.Milliseconds(0.999):F2} ms 99.9th.");
}
