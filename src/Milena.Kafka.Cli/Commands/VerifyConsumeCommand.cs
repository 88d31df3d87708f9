using System.CommandLine;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Cli.Verification;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena verify consume</c>: reads as a member of a group and says what it gets, so that an outside checker can judge a run.</summary>
internal static class VerifyConsumeCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        var group = new GroupOptions(isRequired: true);
        var time = new Option<int>("--process-time") { Description = "Milliseconds to be busy with each record.", HelpName = "MS" }.NotNegative();
        var json = new Option<bool>("--json") { Description = "A line of JSON for each record once it is processed, and for each assignment, revocation, loss and commit." };
        var command = new Verb("consume", "Reads as a member of a group until Ctrl-C.")
        {
            Examples = ["verify consume orders --group billing --process-time 5 --json"],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        command.Options.Add(time);
        command.Options.Add(json);
        group.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            KafkaProperties properties = cluster.Read(parsed);
            ConsumerOptions options = properties.ConsumerOptions();
            group.Apply(parsed, parsed.GetRequiredValue(topic), options);
            TimeSpan busy = TimeSpan.FromMilliseconds(parsed.GetValue(time));
            return RunAsync(properties.ClientOptions(), options, busy, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ConsumerOptions options, TimeSpan busy, bool isJson, CancellationToken cancellationToken)
    {
        PipeWriter output = PipeWriter.Create(StandardOutput.Open());
        using var report = new ConsumptionReport(output, isJson);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteAsync(report, stop);
        options.RebalanceListener = report;
        try
        {
            await ConsumeAsync(clientOptions, options, report, busy, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how this ends; the report says what was done until then.
        }
        finally
        {
            report.Complete();
        }

        await writing.ConfigureAwait(false);
        await output.CompleteAsync().ConfigureAwait(false);
        return ExitCode.Interrupted;
    }

    private static async Task ConsumeAsync(KafkaClientOptions clientOptions, ConsumerOptions options, ConsumptionReport report, TimeSpan busy, CancellationToken stopping)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Consumer<Ignore, ReadOnlyMemory<byte>?> consumer = kafka.CreateConsumer<Ignore, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openConsumer = consumer.ConfigureAwait(false);
        consumer.OffsetsCommitted += (_, offsets) => report.Add(new ConsumptionEvent.Commit(offsets));
        await foreach (ConsumeResult<Ignore, ReadOnlyMemory<byte>?> record in consumer.ConsumeAsync(stopping).ConfigureAwait(false))
        {
            if (busy > TimeSpan.Zero)
            {
                // A record that is in work when the program is stopped is finished; that is what is tested.
                await Task.Delay(busy, clientOptions.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            }

            report.Add(new ConsumptionEvent.Record(record.Partition, record.Offset, record.Value));
        }
    }

    private static async Task WriteAsync(ConsumptionReport report, CancellationTokenSource stop)
    {
        try
        {
            await report.WriteAsync().ConfigureAwait(false);
        }
        catch
        {
            // Nobody reads any more: nothing is left to consume for.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
