using System.CommandLine;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Cli.Verification;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena verify transform</c>: copies a topic to another, exactly once, and says of each transaction what it has read and how it ended.</summary>
internal static class VerifyTransformCommand
{
    // Together below the ten seconds after which Ctrl-C ends the process by force.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "The topic that is read." };
        var output = new Argument<string>("OUT") { Description = "The topic that gets a copy of each record, with key, value and headers." };
        var cluster = new ClusterOptions();
        var id = new Option<string>("--transactional-id") { Description = "The name of this worker: the same after a restart, another one for each worker of the group.", HelpName = "T", Required = true };
        var interval = new Option<int>("--commit-interval") { Description = "Milliseconds that a transaction takes batches; 0 commits each.", HelpName = "MS", DefaultValueFactory = _ => 100 }.NotNegative();
        var time = new Option<int>("--process-time") { Description = "Milliseconds to be busy with each batch.", HelpName = "MS" }.NotNegative();
        var json = new Option<bool>("--json") { Description = "A line of JSON for each transaction once it has ended, and for each assignment, revocation and loss." };
        var group = new GroupOptions(isRequired: true);
        var command = new Verb("transform", "Copies a topic to another in transactions until Ctrl-C, each record exactly once.")
        {
            Examples = ["verify transform orders copies --group billing --transactional-id billing-1 --json"],
        };
        command.Arguments.Add(input);
        command.Arguments.Add(output);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[id, interval, time, json])
        {
            command.Options.Add(option);
        }

        group.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            KafkaProperties properties = cluster.Read(parsed);
            var options = new ExactlyOnceOptions
            {
                Input = properties.ConsumerOptions(),
                Output = properties.ProducerOptions(),
                CommitInterval = TimeSpan.FromMilliseconds(parsed.GetValue(interval)),
                StopTimeout = StopTimeout,
            };
            group.Apply(parsed, parsed.GetRequiredValue(input), options.Input);
            options.Input.CloseTimeout = CloseTimeout;
            options.Output.TransactionalId = parsed.GetRequiredValue(id);
            options.Output.CloseTimeout = CloseTimeout;
            TimeSpan busy = TimeSpan.FromMilliseconds(parsed.GetValue(time));
            return RunAsync(properties.ClientOptions(), options, parsed.GetRequiredValue(output), busy, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ExactlyOnceOptions options, string target, TimeSpan busy, bool isJson, CancellationToken cancellationToken)
    {
        PipeWriter lines = PipeWriter.Create(StandardOutput.Open());
        using var report = new ConsumptionReport(lines, isJson);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = report.WriteAsync(stop);
        options.Input.RebalanceListener = report;
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        var loop = kafka.CreateExactlyOnceLoop<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        loop.TransactionEnded += (_, ended) => report.Add(new ConsumptionEvent.Transaction(ended));
        try
        {
            await loop.RunAsync((batch, output, token) => CopyAsync(batch, output, target, busy, clientOptions.TimeProvider, token), stop.Token).ConfigureAwait(false);
        }
        finally
        {
            report.Complete();
            await writing.ConfigureAwait(false);
        }

        await lines.CompleteAsync().ConfigureAwait(false);
        return ExitCode.Interrupted;
    }

    private static async ValueTask CopyAsync(
        ConsumeBatch<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> batch,
        TransactionOutput<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> output,
        string target,
        TimeSpan busy,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        foreach (ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record in batch)
        {
            Headers? headers = record.Headers.Count == 0 ? null : [];
            foreach (RecordHeader header in record.Headers)
            {
                headers!.Add(header);
            }

            await output.EnqueueAsync(new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(target, record.Key, record.Value) { Headers = headers }, cancellationToken).ConfigureAwait(false);
        }

        if (busy > TimeSpan.Zero)
        {
            await Task.Delay(busy, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
