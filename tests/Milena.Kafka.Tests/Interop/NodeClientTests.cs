using System.Text;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The rig itself: kafkajs produces to and fetches from librdkafka's mock cluster.</summary>
public class NodeClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test, CancelAfter(120_000)]
    public async Task What_kafkajs_produces_kafkajs_fetches([Values] CompressionType compression, CancellationToken cancellationToken)
    {
        if (!NodeClient.IsAvailable(compression, out string reason) || !LibrdkafkaMockCluster.IsAvailable(out reason))
        {
            Assert.Ignore(reason);
        }

        using LibrdkafkaMockCluster cluster = new(brokers: 2);
        cluster.CreateTopic("orders", partitions: 2);
        NodeRecord[] records =
        [
            new() { Partition = 1, Key = "k"u8.ToArray(), Value = "v"u8.ToArray(), Timestamp = 1_700_000_000_000, Headers = { ["h"] = ["x"u8.ToArray()] } },
            new() { Partition = 1, Key = null, Value = null, Timestamp = 1_700_000_000_001, Headers = { ["twice"] = ["1"u8.ToArray(), "2"u8.ToArray()] } },
        ];

        await NodeClient.ProduceAsync(cluster.BootstrapServers, "orders", records, compression, Limit, cancellationToken);
        IReadOnlyList<NodeRecord> fetched = await NodeClient.FetchAsync(cluster.BootstrapServers, "orders", Limit, cancellationToken);

        Assert.That(fetched.Select(Describe), Is.EqualTo(new[]
        {
            "1 0 1700000000000 k=v h=x",
            "1 1 1700000000001 null=null twice=1,2",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task Kafkajs_consumes_through_a_group(CancellationToken cancellationToken)
    {
        if (!NodeClient.IsAvailable(out string reason) || !LibrdkafkaMockCluster.IsAvailable(out reason))
        {
            Assert.Ignore(reason);
        }

        using LibrdkafkaMockCluster cluster = new();
        cluster.CreateTopic("orders");
        NodeRecord[] records = [.. Enumerable.Range(0, 10).Select(i => new NodeRecord { Value = [(byte)('0' + i)] })];

        await NodeClient.ProduceAsync(cluster.BootstrapServers, "orders", records, CompressionType.None, Limit, cancellationToken);
        IReadOnlyList<NodeRecord> consumed = await NodeClient.ConsumeAsync(cluster.BootstrapServers, "orders", "billing", 10, Limit, cancellationToken);

        Assert.That(string.Concat(consumed.Select(record => Text(record.Value))), Is.EqualTo("0123456789"));
    }

    private static string Describe(NodeRecord record) =>
        $"{record.Partition} {record.Offset} {record.Timestamp} {Text(record.Key)}={Text(record.Value)} "
        + string.Join(' ', record.Headers.Select(header => $"{header.Key}={string.Join(',', header.Value.Select(Text))}"));

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);
}
