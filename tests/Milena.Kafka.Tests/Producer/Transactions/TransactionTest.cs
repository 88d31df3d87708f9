using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>The cluster of producer tests with one generation of the transaction protocol.</summary>
public abstract class TransactionTest(int generation) : ProducerTest
{
    protected const string Id = "billing-1";

    protected static readonly ConsumerGroupMetadata Group = new("billing");

    protected bool IsFirstGeneration => generation == 1;

    [SetUp]
    public void ChooseGeneration() => Cluster.TransactionVersion = generation;

    private protected Producer<string?, string?> CreateTransactional(string id = Id, Action<ProducerOptions>? configure = null, KafkaClient? kafka = null)
    {
        var options = new ProducerOptions { TransactionalId = id };
        configure?.Invoke(options);
        return (kafka ?? Kafka).CreateProducer<string?, string?>(options, null, null, Pool);
    }

    private protected static async Task CommitAsync(Producer<string?, string?> producer, CancellationToken cancellationToken, params ProducerRecord<string?, string?>[] records)
    {
        await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        foreach (ProducerRecord<string?, string?> record in records)
        {
            await transaction.EnqueueAsync(record, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What a reader of committed records finds in a partition.</summary>
    protected async Task<string[]> CommittedAsync(int partition, CancellationToken cancellationToken, KafkaClient? kafka = null)
    {
        await using Consumer<Ignore, string?> consumer = (kafka ?? Kafka).CreateConsumer<Ignore, string?>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        consumer.Assign(new PartitionStart(Topic, partition, StartPosition.Beginning));
        var values = new List<string>();
        await foreach (ConsumeResult<Ignore, string?> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            values.Add(record.Value ?? "null");
        }

        return [.. values];
    }
}
