using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Settings of brokers and topics that are changed while the cluster runs, and what comes of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SettingTests : ClusterTest
{
    private static readonly BatchProducer Producer = new(1234, 0, 0);

    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new() { TimeProvider = _time, LogRetentionCheckInterval = TimeSpan.FromMinutes(1) };

    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime", ["retention.ms"] = "-1" });

    [Test]
    public async Task A_producer_that_was_silent_for_longer_than_its_id_lives_is_forgotten()
    {
        Assert.That(await SetOnBrokersAsync("producer.id.expiration.ms", "600000"), Is.EqualTo(ErrorCode.None));
        await Client.ProduceAsync(Batch(Producer, "a"), Bound);
        _time.Advance(TimeSpan.FromMinutes(9));
        ProduceResponse.PartitionProduceResponse known = await Client.ProduceAsync(Batch(Producer, "a"), Bound);
        _time.Advance(TimeSpan.FromMinutes(1));
        ProduceResponse.PartitionProduceResponse forgotten = await Client.ProduceAsync(Batch(Producer, "a"), Bound);

        Assert.That((known.BaseOffset, forgotten.BaseOffset), Is.EqualTo((0L, 1L)));
    }

    [Test]
    public async Task Leaders_ask_whether_a_partition_was_enrolled_as_long_as_they_are_to()
    {
        ErrorCode asked = await LateAsync();
        Assert.That(await SetOnBrokersAsync("transaction.partition.verification.enable", "false"), Is.EqualTo(ErrorCode.None));
        ErrorCode unasked = await LateAsync();

        Assert.That(asked, Is.Not.EqualTo(ErrorCode.None));
        Assert.That(unasked, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task Tiered_storage_is_refused_for_there_is_none()
    {
        Assert.That(await Client.SetConfigsAsync(ConfigResourceType.Topic, Topic, Bound, ("remote.storage.enable", "true")), Is.EqualTo(ErrorCode.InvalidConfig));
        Assert.That(await Client.SetConfigsAsync(ConfigResourceType.Topic, Topic, Bound, ("remote.storage.enable", "false")), Is.EqualTo(ErrorCode.None));
    }

    private Task<ErrorCode> SetOnBrokersAsync(string name, string value) => Client.SetConfigsAsync(ConfigResourceType.Broker, "", Bound, (name, value));

    // A batch of a transaction that its coordinator knows nothing of.
    private async Task<ErrorCode> LateAsync()
    {
        var writer = new RecordBatchWriter(new byte[1000]);
        writer.TryAppend(_time.GetUtcNow().ToUnixTimeMilliseconds(), RecordBytes.Null, new byte[] { 1 });
        ProduceRequest request = Produce(writer.Close(RecordBatchFlags.Transactional, Producer).ToArray());
        request.TransactionalId = "tx";
        return (await Client.SendAsync(request, 9, Bound)).Responses[0].PartitionResponses[0].ErrorCode;
    }
}
