using System.CommandLine;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Formatting;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena produce</c>: each line of the standard input becomes a record.</summary>
internal static class ProduceCommand
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "The topic." };
        var cluster = new ClusterOptions();
        var json = new Option<bool>("--json") { Description = "Each line is a record as 'consume --json' prints it, and is stored as it was: key, value, headers, timestamp and partition." };
        var repartition = new Option<bool>("--repartition") { Description = "With --json: the partition goes by the key, not by the line." };
        var skip = new Option<bool>("--skip-malformed") { Description = "With --json: go on behind a line that is no record. The end is still exit code 1." };
        var keySeparator = new Option<string?>("--key-separator") { Description = "Text between key and value of a line. Without it records have no key.", HelpName = "TEXT" };
        var headers = new Option<string[]>("--header") { Description = "A header of every record; may be given again.", HelpName = "NAME=VALUE" };
        var partition = new Option<int?>("--partition") { Description = "The partition. Default: by the key, as every Kafka client does.", HelpName = "N" }.NotNegative();
        var nullValue = new Option<string?>("--null-value") { Description = "A value of just this text is stored as null, a tombstone.", HelpName = "TEXT" };
        var compression = new Option<CompressionType?>("--compression") { Description = "The codec of the batches. Default: none." };
        var acks = new Option<string>("--acks") { Description = "Who must have a record: 0 nobody, 1 the leader, all the in-sync replicas. Default: all." };
        acks.OneOf("0", "1", "all", "-1");
        var transactionalId = new Option<string?>("--transactional-id") { Description = "Produces in transactions under this name; readers of committed records see them once they are committed.", HelpName = "T" };
        Option<long?> commitEvery = new Option<long?>("--commit-every") { Description = "The records of a transaction. Without it there is one transaction, committed at the end of the input.", HelpName = "N" }.AtLeastOne();
        var command = new Verb("produce", "Stores each line of the standard input as a record.")
        {
            Examples =
            [
                "produce orders -b localhost:9092 --key-separator :",
                "produce copy --json --compression zstd",
                "produce orders --transactional-id billing-1 --commit-every 1000",
            ],
        };
        command.Arguments.Add(topic);
        cluster.AddTo(command);
        foreach (Option option in (Option[])[json, repartition, skip, keySeparator, headers, partition, nullValue, compression, acks, transactionalId, commitEvery])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            KafkaProperties properties = cluster.Read(parsed);
            ProducerOptions options = properties.ProducerOptions();
            options.Compression = parsed.GetValue(compression) ?? options.Compression;
            if (parsed.GetValue(acks) is { } wanted)
            {
                options.Acks = ParseAcks(wanted);
                options.Idempotence &= options.Acks == Acks.All;
            }

            options.TransactionalId = parsed.GetValue(transactionalId) ?? options.TransactionalId;
            if (parsed.GetValue(commitEvery) is not null && options.TransactionalId is null)
            {
                throw new ArgumentException("--commit-every needs --transactional-id.");
            }

            if (options.TransactionalId is not null && options.Acks != Acks.All)
            {
                throw new ArgumentException("--transactional-id needs --acks all.");
            }

            Option[] idle = parsed.GetValue(json) ? [keySeparator, headers, partition, nullValue] : [repartition, skip];
            if (Array.Find(idle, option => parsed.GetResult(option) is { Implicit: false }) is { } stray)
            {
                throw new ArgumentException($"{stray.Name} {(parsed.GetValue(json) ? "is not for --json, where each line says it itself" : "needs --json")}.");
            }

            string name = parsed.GetRequiredValue(topic);
            ILineFormat lines = parsed.GetValue(json)
                ? new JsonLines(name, keepsPartition: !parsed.GetValue(repartition))
                : new TextLines(name, parsed.GetValue(keySeparator), parsed.GetValue(nullValue), parsed.GetValue(partition), parsed.GetValue(headers) ?? []);
            var input = new RecordInput(lines, parsed.GetValue(skip));
            return options.TransactionalId is null
                ? RunAsync(properties.ClientOptions(), options, input, cancellationToken)
                : RunInTransactionsAsync(properties.ClientOptions(), options, input, parsed.GetValue(commitEvery) ?? long.MaxValue, cancellationToken);
        });
        return command;
    }

    private static Acks ParseAcks(string text) => text switch
    {
        "0" => Acks.None,
        "1" => Acks.Leader,
        _ => Acks.All,
    };

    private static async Task<int> RunAsync(KafkaClientOptions clientOptions, ProducerOptions options, RecordInput input, CancellationToken cancellationToken)
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
            reason ??= ErrorLine.Of(failure.Exception);
        };

        long sent = 0;
        await input.ReadAsync(
            Console.OpenStandardInput(),
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

        return failed > 0 ? ExitCode.Cluster : CodeOf(input);
    }

    private static async Task<int> RunInTransactionsAsync(
        KafkaClientOptions clientOptions, ProducerOptions options, RecordInput input, long commitEvery, CancellationToken cancellationToken)
    {
        var kafka = new KafkaClient(clientOptions);
        await using ConfiguredAsyncDisposable openKafka = kafka.ConfigureAwait(false);
        Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer = kafka.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(options);
        await using ConfiguredAsyncDisposable openProducer = producer.ConfigureAwait(false);
        var transactions = new TransactionalLines(producer, commitEvery);
        await using ConfiguredAsyncDisposable openTransactions = transactions.ConfigureAwait(false);
        await input.ReadAsync(Console.OpenStandardInput(), record => transactions.AddAsync(record, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!input.IsStopped)
        {
            await transactions.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        return CodeOf(input);
    }

    private static int CodeOf(RecordInput input) => input.Malformed > 0 ? ExitCode.Usage : ExitCode.Success;
}
