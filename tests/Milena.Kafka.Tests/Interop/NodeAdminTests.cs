using System.Text.Json;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Interop;

/// <summary>kafkajs and our admin client on the same embedded cluster: what one does the other reads.</summary>
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class NodeAdminTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private TestCluster Cluster { get; set; } = null!;

    private KafkaClient Kafka { get; set; } = null!;

    private static CancellationToken Bound => TestContext.CurrentContext.CancellationToken;

    [SetUp]
    public async Task StartAsync()
    {
        if (!NodeClient.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        Cluster = await TestCluster.StartAsync(3, cancellationToken: Bound);
        Kafka = new KafkaClient(Cluster.BootstrapServers);
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (Kafka is not null)
        {
            await Kafka.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }

    [Test]
    public async Task WhatKafkajs_changes_we_read()
    {
        AdminClient ours = Kafka.CreateAdmin();
        TopicPartition first = new("orders", 0);
        IReadOnlyList<JsonElement> made = await CallAsync(
            ("createTopics", new
            {
                waitForLeaders = true,
                topics = new object[]
                {
                    new { topic = "orders", numPartitions = 2, replicationFactor = 2, configEntries = new[] { Entry("retention.ms", "5000"), Entry("segment.ms", "1000") } },
                    new { topic = "placed", replicaAssignment = new[] { new { partition = 0, replicas = new[] { 3, 2 } } } },
                },
            }),
            ("createPartitions", new { topicPartitions = new[] { new { topic = "orders", count = 4 } } }),
            ("alterConfigs", new { validateOnly = false, resources = new[] { new { type = 2, name = "orders", configEntries = new[] { Entry("cleanup.policy", "compact,delete") } } } }),
            ("alterPartitionReassignments", new { topics = new[] { new { topic = "orders", partitionAssignment = new[] { new { partition = 0, replicas = new[] { 3 } } } } } }),
            ("createTopics", new { topics = new[] { new { topic = "odd", numPartitions = 1, configEntries = new[] { Entry("retention.ms", "soon") } } } }));

        Assert.That(made[0].GetBoolean(), made[0].ToString());
        TopicDescription orders = (await ours.DescribeTopicsAsync(["orders"], cancellationToken: Bound))["orders"];
        Assert.That((orders.Partitions.Count, orders.Partitions[0].Replicas, orders.Partitions[0].Leader), Is.EqualTo((4, new[] { 3 }, 3)));
        Assert.That((await ours.DescribeTopicsAsync(["placed"], cancellationToken: Bound))["placed"].Partitions[0].Replicas, Is.EqualTo(new[] { 3, 2 }));
        IReadOnlyDictionary<string, ConfigEntry> configs = (await ours.DescribeConfigsAsync([ConfigResource.Topic("orders")], cancellationToken: Bound))[ConfigResource.Topic("orders")];
        Assert.That(configs["cleanup.policy"].Value, Is.EqualTo("compact,delete"));
        Assert.That(configs["retention.ms"].IsDefault, "the old AlterConfigs takes back what it does not name");
        Assert.That(made[4].GetProperty("error").GetString(), Does.Contain("onfiguration"), made[4].ToString());

        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        await producer.ProduceAsync(new ProducerRecord<string, string>("orders", "k", "v") { Partition = 0 }, Bound);

        // kafkajs knows the leaders of topics only that it has asked for before.
        await CallAsync(("fetchTopicOffsets", "orders"), ("deleteTopicRecords", new { topic = "orders", partitions = new[] { new { partition = 0, offset = "1" } } }), ("deleteTopics", new { topics = new[] { "placed" } }));
        Assert.That((await ours.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [first] = OffsetSpec.Earliest }, cancellationToken: Bound))[first].Offset, Is.EqualTo(1));
        Assert.That((await ours.ListTopicsAsync(cancellationToken: Bound)).Select(topic => topic.Name), Is.EqualTo(new[] { "orders" }));
    }

    [Test]
    public async Task What_we_changeKafkajs_reads()
    {
        AdminClient ours = Kafka.CreateAdmin();
        TopicPartition first = new("orders", 0);
        (await ours.CreateTopicsAsync([new NewTopic("orders") { Assignments = [[2, 1]], Configs = new Dictionary<string, string> { ["retention.ms"] = "5000" } }], cancellationToken: Bound)).ThrowIfAnyFailed();
        (await ours.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { ["orders"] = new(2) { Assignments = [[3, 2]] } }, cancellationToken: Bound)).ThrowIfAnyFailed();
        (await ours.AlterConfigsAsync(
            new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [ConfigResource.Topic("orders")] = [ConfigChange.Append("cleanup.policy", "compact")] }, cancellationToken: Bound)).ThrowIfAnyFailed();
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        await producer.ProduceManyAsync(Enumerable.Range(0, 5).Select(i => new ProducerRecord<string, string>("orders", "k", $"{i}") { Partition = 0 }), Bound);
        (await ours.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [first] = 2 }, cancellationToken: Bound)).ThrowIfAnyFailed();
        await Cluster.StopBrokerAsync(1);
        (await ours.AlterPartitionReassignmentsAsync(new Dictionary<TopicPartition, IReadOnlyList<int>?> { [new("orders", 1)] = [1, 3] }, cancellationToken: Bound)).ThrowIfAnyFailed();

        IReadOnlyList<JsonElement> read = await CallAsync(
            ("fetchTopicMetadata", new { topics = new[] { "orders" } }),
            ("fetchTopicOffsets", "orders"),
            ("describeConfigs", new { includeSynonyms = true, resources = new[] { new { type = 2, name = "orders", configNames = new[] { "retention.ms", "cleanup.policy" } } } }),
            ("describeCluster", null),
            ("listPartitionReassignments", new { }),
            ("listTopics", null));

        JsonElement topic = read[0].GetProperty("topics")[0];
        Assert.That(topic.GetProperty("partitions").EnumerateArray().OrderBy(p => p.GetProperty("partitionId").GetInt32()).Select(p => p.GetProperty("leader").GetInt32()), Is.EqualTo(new[] { 2, 3 }));
        JsonElement offsets = read[1].EnumerateArray().Single(p => p.GetProperty("partition").GetInt32() == 0);
        Assert.That((offsets.GetProperty("low").GetString(), offsets.GetProperty("high").GetString()), Is.EqualTo(("2", "5")));
        Dictionary<string, string?> configs = read[2].GetProperty("resources")[0].GetProperty("configEntries").EnumerateArray().ToDictionary(c => c.GetProperty("configName").GetString()!, c => c.GetProperty("configValue").GetString());
        Assert.That((configs["retention.ms"], configs["cleanup.policy"]), Is.EqualTo(("5000", "delete,compact")));
        Assert.That(read[3].GetProperty("clusterId").GetString(), Is.EqualTo(Cluster.ClusterId));
        Assert.That(read[3].GetProperty("brokers").GetArrayLength(), Is.EqualTo(2));
        JsonElement move = read[4].GetProperty("topics")[0].GetProperty("partitions")[0];
        Assert.That(move.GetProperty("addingReplicas")[0].GetInt32(), Is.EqualTo(1));
        Assert.That(read[5].EnumerateArray().Select(name => name.GetString()), Is.EqualTo(new[] { "orders" }));
    }

    private static object Entry(string name, string value) => new { name, value };

    private Task<IReadOnlyList<JsonElement>> CallAsync(params (string Call, object? With)[] calls) => NodeClient.AdministerAsync(Cluster.BootstrapServers, Limit, Bound, calls);
}
