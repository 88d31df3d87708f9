using System.CommandLine;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Cli.Verification;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena verify produce</c>: produces numbered records and says of each what became of it, while somebody makes trouble for the brokers.</summary>
internal static class VerifyProduceCommand
{
    // Below the ten seconds after which Ctrl-C ends the process by force.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(7);

    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        var count = new Option<long?>("--count") { Description = "How many records. Default: until Ctrl-C.", HelpName = "N" }.NotNegative();
        var rate = new Option<double>("--rate") { Description = "Records a second. Default: as fast as it goes.", HelpName = "R" }.NotNegative();
        var size = new Option<int>("--size") { Description = "Bytes of a value.", HelpName = "B", DefaultValueFactory = static _ => 100 }.NotNegative();
        var keys = new Option<int>("--keys") { Description = "How many keys take turns: k0, k1 and so on. Default: records have no key.", HelpName = "K" }.NotNegative();
        var timeout = new Option<double>("--delivery-timeout") { Description = "Seconds after which a record without a result fails.", HelpName = "S", DefaultValueFactory = static _ => 120 }.Positive();
        var json = new Option<bool>("--json") { Description = "A line of JSON for each record, in order of events, and one for the sums." };
        var command = new Verb("produce", "Produces numbered records and says of each whether it is stored, failed or unknown.")
        {
            Examples = ["verify produce orders --count 100000 --rate 5000 --json"],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[count, rate, size, keys, timeout, json])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var plan = new ProducePlan(
                parsed.GetRequiredValue(topic), parsed.GetValue(count) ?? long.MaxValue, parsed.GetValue(rate), parsed.GetValue(size), parsed.GetValue(keys));
            var patience = TimeSpan.FromSeconds(parsed.GetValue(timeout));
            KafkaProperties properties = cluster.Read(parsed);
            ProducerOptions options = properties.ProducerOptions();
            options.DeliveryTimeout = options.MaxBlock = patience;
            options.CloseTimeout = CloseTimeout;
            options.Linger = options.Linger > options.DeliveryTimeout ? TimeSpan.Zero : options.Linger;
            return RunAsync(properties.ClientOptions(), options, plan, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        KafkaClientOptions clientOptions, ProducerOptions options, ProducePlan plan, bool isJson, CancellationToken cancellationToken)
    {
        PipeWriter output = PipeWriter.Create(StandardOutput.Open());
        using var window = new SemaphoreSlim(plan.Window);
        using var report = new DeliveryReport(output, isJson, () => window.Release());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteAsync(report, stop);
        ProduceRun run;
        try
        {
            run = await ProduceAsync(clientOptions, options, plan, report, window, stop.Token).ConfigureAwait(false);
        }
        finally
        {
            report.Complete();
        }

        await writing.ConfigureAwait(false);
        await output.CompleteAsync().ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        if (run.End is { } end)
        {
            await Console.Error.WriteLineAsync($"milena: {ErrorLine.Of(end)}").ConfigureAwait(false);
            return ExitCode.Cluster;
        }

        return report.Sums.AreAllStored ? ExitCode.Success : ExitCode.Lost;
    }

    private static async Task WriteAsync(DeliveryReport report, CancellationTokenSource stop)
    {
        try
        {
            await report.WriteAsync().ConfigureAwait(false);
        }
        catch
        {
            // Nobody reads any more: nothing is left to produce for.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<ProduceRun> ProduceAsync(
        KafkaClientOptions clientOptions, ProducerOptions options, ProducePlan plan, DeliveryReport report, SemaphoreSlim window, CancellationToken stopping)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer = kafka.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        var run = new ProduceRun(producer, plan, report, window);
        bool isStopped = false;
        try
        {
            await run.ProduceAsync(stopping).ConfigureAwait(false);
            isStopped = run.End is not null;
            if (!isStopped)
            {
                await run.AllEnded.WaitAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            isStopped = true;
        }
        finally
        {
            // What is still on its way ends by itself or with the producer; either way each record has its result.
            await producer.DisposeAsync().ConfigureAwait(false);
        }

        if (isStopped)
        {
            await run.AllEnded.ConfigureAwait(false);
        }

        return run;
    }
}
