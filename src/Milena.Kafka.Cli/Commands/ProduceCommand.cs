using System.Buffers;
using System.CommandLine;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena produce</c>: each line of the standard input becomes a record.</summary>
internal static class ProduceCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        Option<string> bootstrap = BootstrapOption.Create();
        var keySeparator = new Option<string?>("--key-separator") { Description = "Text between key and value of a line. Without it records have no key.", HelpName = "TEXT" };
        var headers = new Option<string[]>("--header") { Description = "A header of every record; may be given again.", HelpName = "NAME=VALUE" };
        var partition = new Option<int?>("--partition") { Description = "The partition. Default: by the key, as every Kafka client does.", HelpName = "N" };
        var nullValue = new Option<string?>("--null-value") { Description = "A value of just this text is stored as null, a tombstone.", HelpName = "TEXT" };
        var compression = new Option<CompressionType>("--compression") { Description = "The codec of the batches.", DefaultValueFactory = _ => CompressionType.None };
        var acks = new Option<string>("--acks") { Description = "Who must have a record: 0 nobody, 1 the leader, all the in-sync replicas.", DefaultValueFactory = _ => "all" };
        acks.AcceptOnlyFromAmong("0", "1", "all", "-1");
        var transactionalId = new Option<string?>("--transactional-id") { Description = "Produces in transactions under this name; readers of committed records see them once they are committed.", HelpName = "T" };
        var commitEvery = new Option<long?>("--commit-every") { Description = "The records of a transaction. Without it there is one transaction, committed at the end of the input.", HelpName = "N" };
        var command = new Command("produce", "Stores each line of the standard input as a record.") { topic, bootstrap, keySeparator, headers, partition, nullValue, compression, acks, transactionalId, commitEvery };
        command.Validators.Add(result =>
        {
            long? every = result.GetValue(commitEvery);
            if (every is < 1)
            {
                result.AddError("--commit-every must be at least 1.");
            }

            if (every is not null && result.GetValue(transactionalId) is null)
            {
                result.AddError("--commit-every needs --transactional-id.");
            }

            if (result.GetValue(transactionalId) is not null && result.GetValue(acks) is "0" or "1")
            {
                result.AddError("--transactional-id needs --acks all.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            var lines = new LineRecords(
                parsed.GetRequiredValue(topic), parsed.GetValue(keySeparator), parsed.GetValue(nullValue), parsed.GetValue(partition), parsed.GetValue(headers) ?? []);
            Acks wanted = ParseAcks(parsed.GetRequiredValue(acks));
            var options = new ProducerOptions { Compression = parsed.GetValue(compression), Acks = wanted, Idempotence = wanted == Acks.All, TransactionalId = parsed.GetValue(transactionalId) };
            KafkaClientOptions client = BootstrapOption.ClientOptions(parsed.GetValue(bootstrap));
            return options.TransactionalId is null
                ? RunAsync(client, options, lines, cancellationToken)
                : RunInTransactionsAsync(client, options, lines, parsed.GetValue(commitEvery) ?? long.MaxValue, cancellationToken);
        });
        return command;
    }

    private static Acks ParseAcks(string text) => text switch
    {
        "0" => Acks.None,
        "1" => Acks.Leader,
        _ => Acks.All,
    };

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ProducerOptions options, LineRecords lines, CancellationToken cancellationToken)
    {
        long failed = 0;
        string? reason = null;
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer = kafka.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openProducer = producer.ConfigureAwait(false);
        producer.DeliveryFailed += (_, failure) =>
        {
            Interlocked.Add(ref failed, failure.RecordCount);
            reason ??= failure.Exception.Message;
        };

        long sent = 0;
        await ReadAsync(
            lines,
            record =>
            {
                sent++;
                return producer.EnqueueAsync(record, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (failed > 0)
        {
            await Console.Error.WriteLineAsync($"milena: {failed} of {sent} records were not stored. The first reason: {reason}").ConfigureAwait(false);
        }

        return failed > 0 ? ExitCode.Cluster : ExitCode.Success;
    }

    private static async Task<int> RunInTransactionsAsync(
        KafkaClientOptions clientOptions, ProducerOptions options, LineRecords lines, long commitEvery, CancellationToken cancellationToken)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer = kafka.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openProducer = producer.ConfigureAwait(false);
        var transactions = new TransactionalLines(producer, commitEvery);
        await using ConfiguredAsyncDisposable openTransactions = transactions.ConfigureAwait(false);
        await ReadAsync(lines, record => transactions.AddAsync(record, cancellationToken), cancellationToken).ConfigureAwait(false);
        await transactions.CommitAsync(cancellationToken).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private static async Task ReadAsync(LineRecords lines, Func<ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>, ValueTask> take, CancellationToken cancellationToken)
    {
        var input = PipeReader.Create(Console.OpenStandardInput());
        while (true)
        {
            // A read of a terminal or pipe cannot be cancelled: it is left behind, or Ctrl-C would have to wait for the next line.
            ReadResult read = await input.ReadAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (lines.TryTake(ref rest, read.IsCompleted, out ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record))
            {
                await take(record).ConfigureAwait(false);
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
