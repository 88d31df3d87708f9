using System.Net;
using System.Text;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>An embedded cluster, a client, and records stored by bare produce requests, so that the consumer is tested without the producer.</summary>
[CancelAfter(30_000)]
public abstract class ConsumerTest
{
    protected const string Topic = "orders";

    protected TestCluster Cluster { get; private set; } = null!;

    protected virtual TestClusterOptions ClusterOptions => new() { AutoCreateTopics = false };

    protected KafkaClient Kafka { get; private set; } = null!;

    protected static TopicPartition First { get; } = new(Topic, 0);

    [TearDown]
    public async Task StopAsync()
    {
        if (Kafka is not null)
        {
            await Kafka.DisposeAsync();
        }

        if (Cluster is not null)
        {
            await Cluster.DisposeAsync();
        }
    }

    protected async Task StartAsync(int brokers = 1, int partitions = 1, TimeSpan? apiTimeout = null)
    {
        Cluster = await TestCluster.StartAsync(brokers, ClusterOptions);
        Cluster.CreateTopic(Topic, partitions);
        Kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = Cluster.BootstrapServers,
            ApiTimeout = apiTimeout ?? TimeSpan.FromSeconds(20),
            Seed = 1,
        });
    }

    protected Consumer<string, string> CreateConsumer(ConsumerOptions? options = null) => Kafka.CreateConsumer<string, string>(options);

    /// <summary>Stores values, one batch for each call, as <c>v0, v1 ...</c> from a number on.</summary>
    protected Task StoreAsync(int partition, int from, int count) =>
        StoreAsync(partition, batch =>
        {
            for (int i = from; i < from + count; i++)
            {
                batch.TryAppend(1000 + i, Utf8($"k{i}"), Utf8($"v{i}"));
            }
        });

    protected Task StoreAsync(int partition, Action<RecordBatchWriter> fill) => StoreAsync(Topic, partition, fill);

    protected async Task StoreAsync(string topic, int partition, Action<RecordBatchWriter> fill, BatchCompression? compression = null)
    {
        var writer = new RecordBatchWriter(new byte[4 * 1024 * 1024]);
        fill(writer);
        byte[] records = writer.Close(RecordBatchFlags.None, BatchProducer.None, compression).ToArray();
        await using Connection connection = await ConnectAsync(Cluster.Leader(topic, partition));
        ProduceResponse response = await connection.SendAsync(
            new ProduceRequest
            {
                Acks = -1,
                TimeoutMs = 10_000,
                TopicData =
                [
                    new()
                    {
                        Name = topic,
                        TopicId = Cluster.TopicId(topic),
                        PartitionData = [new() { Index = partition, Records = records }],
                    },
                ],
            },
            CancellationToken.None);
        Assert.That(response.Responses[0].PartitionResponses[0].ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    /// <summary>A bare connection to a broker.</summary>
    private protected Task<Connection> ConnectAsync(int broker)
    {
        string[] address = Cluster.BootstrapServers.Split(',')[broker - 1].Split(':');
        var endpoint = new DnsEndPoint(address[0], int.Parse(address[1], null));
        return Connection.OpenAsync(endpoint, new ConnectionOptions { ClientId = "store" }, new TcpConnector(), CancellationToken.None);
    }

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Reads so many values.</summary>
    protected static async Task<List<string>> TakeAsync(Consumer<string, string> consumer, int count, CancellationToken cancellationToken) =>
        [.. (await TakeRecordsAsync(consumer, count, cancellationToken)).Select(r => r.Value)];

    protected static async Task<List<ConsumeResult<string, string>>> TakeRecordsAsync(Consumer<string, string> consumer, int count, CancellationToken cancellationToken)
    {
        var records = new List<ConsumeResult<string, string>>();
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            records.Add(record);
            if (records.Count == count)
            {
                break;
            }
        }

        return records;
    }

    protected static IEnumerable<string> Values(int from, int count) => Enumerable.Range(from, count).Select(i => $"v{i}");

    /// <summary>Damages the last byte of a stored batch.</summary>
    protected void Damage(int partition, int batch)
    {
        ReadOnlyMemory<byte> stored = Cluster.Batches(Topic, partition)[batch].Bytes;
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(stored).Span[^2] ^= 0x55;
    }
}
