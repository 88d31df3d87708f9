using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Every error code that there is, once at every request of a member, over the wire: it recovers, or its loop ends with the right exception and can be begun again; no record is skipped.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
public class FaultMatrixTests : GroupTest
{
    private const int Half = 3;

    private static readonly TimeSpan Session = TimeSpan.FromSeconds(3);

    protected override TestClusterOptions ClusterOptions => new() { AutoCreateTopics = false, ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(50), ConsumerGroupSessionTimeout = Session };

    [TestCase(GroupProtocol.Classic, ApiKey.FindCoordinator, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.Metadata, 0, true)]
    [TestCase(GroupProtocol.Classic, ApiKey.JoinGroup, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.JoinGroup, 1, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.SyncGroup, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.Heartbeat, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.OffsetFetch, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.OffsetCommit, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.ListOffsets, 0, true)]
    [TestCase(GroupProtocol.Classic, ApiKey.Fetch, 0, false)]
    [TestCase(GroupProtocol.Classic, ApiKey.Fetch, 0, true)]
    [TestCase(GroupProtocol.Classic, ApiKey.Fetch, 2, true)]
    [TestCase(GroupProtocol.Classic, ApiKey.LeaveGroup, 0, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.FindCoordinator, 0, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.ConsumerGroupHeartbeat, 0, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.ConsumerGroupHeartbeat, 1, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.ConsumerGroupHeartbeat, 2, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.OffsetFetch, 0, false)]
    [TestCase(GroupProtocol.Consumer, ApiKey.OffsetCommit, 0, false)]
    public async Task Every_code_once(GroupProtocol protocol, ApiKey api, int skip, bool isOfTopic, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2);
        IEnumerable<ErrorCode> codes = Enum.GetValues<ErrorCode>().Append((ErrorCode)9999).Where(c => c != ErrorCode.None);
        await Parallel.ForEachAsync(codes, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (code, token) =>
        {
            string name = $"t{(short)code}";
            Cluster.CreateTopic(name, 1);
            await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, ClientId = name });
            if (api != ApiKey.Metadata)
            {
                await KnowClusterAsync(kafka, name, token);
            }

            Cluster.Fail(api, code, new FaultScope { ClientId = name, Skip = skip, Topic = isOfTopic ? name : null });
            bool isJoin = api == ApiKey.JoinGroup || (api == ApiKey.ConsumerGroupHeartbeat && skip == 0);
            try
            {
                KafkaException? told = await ReadThroughAsync(kafka, protocol, name, api, skip, FaultTable.Told(protocol, api, isJoin, code), token);
                Assert.That(told?.Code ?? code, Is.EqualTo(code), name);
            }
            catch (OperationCanceledException stuck)
            {
                await TestContext.Out.WriteLineAsync($"{code} is stuck: {stuck.StackTrace}");
                throw;
            }
        });
    }

    /// <summary>Reads half of the records, waits for the error, reads the other half and goes. What is not committed then comes again.</summary>
    private async Task<KafkaException?> ReadThroughAsync(KafkaClient kafka, GroupProtocol protocol, string name, ApiKey api, int skip, Type? expected, CancellationToken cancellationToken)
    {
        Consumer<string, string> Create() => kafka.CreateConsumer<string, string>(Options(o => Choose(o, protocol, name)));
        var reader = new FaultedReader(Cluster, Create, cancellationToken);
        await StoreAsync(name, 0, b => Fill(b, 0));
        await reader.ReadAsync(Half);
        if (api != ApiKey.LeaveGroup)
        {
            await reader.UntilHitAsync(api, name, skip);
        }

        if (expected is not null)
        {
            await reader.UntilToldAsync();
            Assert.That(reader.Told, Is.InstanceOf(expected), name);
        }

        await StoreAsync(name, 0, b => Fill(b, Half));
        await reader.ReadAsync(2 * Half);
        await reader.DisposeAsync();
        Assert.That(reader.Told is null, Is.EqualTo(expected is null), () => $"{name}: {reader.Told}");
        Assert.That(reader.Offsets, Is.EqualTo(Enumerable.Range(0, 2 * Half).Select(o => (long)o)), $"{name}: none is skipped");

        long committed = Math.Max(0, Cluster.CommittedOffset(name, name, 0));
        await using var next = new FaultedReader(Cluster, Create, cancellationToken);
        await next.ReadAsync((int)((2 * Half) - committed));
        Assert.That(next.Offsets, Is.EqualTo(Enumerable.Range(0, 2 * Half).Select(o => (long)o).Skip((int)committed)), $"{name}: what is not committed comes again");
        return reader.Told;
    }

    /// <summary>A client that has just learnt which broker is which closes the connections that it began with, and may lose an answer by that.</summary>
    private static async Task KnowClusterAsync(KafkaClient kafka, string topic, CancellationToken cancellationToken)
    {
        await using Consumer<string, string> outsider = kafka.CreateConsumer<string, string>();
        await outsider.GetWatermarksAsync(new TopicPartition(topic, 0), cancellationToken);
    }

    private static void Choose(ConsumerOptions options, GroupProtocol protocol, string name)
    {
        options.GroupId = name;
        options.Topics.Clear();
        options.Topics.Add(name);
        options.GroupProtocol = protocol;
        var defaults = new ConsumerOptions();
        options.SessionTimeout = protocol == GroupProtocol.Consumer ? defaults.SessionTimeout : Session;
        options.HeartbeatInterval = protocol == GroupProtocol.Consumer ? defaults.HeartbeatInterval : options.HeartbeatInterval;
    }

    private static void Fill(RecordBatchWriter batch, int from)
    {
        for (int i = from; i < from + Half; i++)
        {
            batch.TryAppend(1000 + i, Utf8("k"), Utf8($"v{i}"));
        }
    }
}
