using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class TopicTests : ClusterTest
{
    protected override int Brokers => 3;

    [Test]
    public async Task A_topic_asked_for_by_name_is_created_and_found_the_next_time()
    {
        MetadataResponse.MetadataResponseTopic first = await DescribeAsync("new");
        MetadataResponse.MetadataResponseTopic second = await DescribeAsync("new");

        Assert.That(first.ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(second.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(second.TopicId, Is.Not.EqualTo(Guid.Empty));
        Assert.That(second.Partitions.Single().ReplicaNodes, Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Nothing_is_created_for_a_client_that_does_not_want_it_nor_under_an_impossible_name()
    {
        MetadataResponse response = await Client.SendAsync(
            new MetadataRequest { Topics = [new() { Name = "quiet" }, new() { Name = "not/possible" }], AllowAutoTopicCreation = false },
            12,
            Bound);

        Assert.That(response.Topics.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidTopicException }));
        Assert.That((await DescribeAsync("not/possible")).ErrorCode, Is.EqualTo(ErrorCode.InvalidTopicException));
        Assert.That(Cluster.Topics, Is.Empty);
    }

    [Test]
    public async Task All_topics_are_null_or_empty_as_the_version_has_it()
    {
        Cluster.CreateTopic("a");
        Cluster.CreateTopic("b");

        Assert.That((await Client.SendAsync(new MetadataRequest { Topics = [] }, 0, Bound)).Topics, Has.Count.EqualTo(2));
        Assert.That((await Client.SendAsync(new MetadataRequest { Topics = [] }, 1, Bound)).Topics, Is.Empty);
        Assert.That((await Client.SendAsync(new MetadataRequest { Topics = null }, 1, Bound)).Topics, Has.Count.EqualTo(2));
        Assert.That((await Client.SendAsync(new MetadataRequest { Topics = null }, 13, Bound)).Brokers, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_topic_is_found_by_id()
    {
        Guid id = Cluster.CreateTopic("a");

        MetadataResponse response = await Client.SendAsync(new MetadataRequest { Topics = [new() { Name = null, TopicId = id }, new() { Name = null, TopicId = Guid.NewGuid() }] }, 12, Bound);

        Assert.That(response.Topics[0].Name, Is.EqualTo("a"));
        Assert.That(response.Topics[1].ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicId));
        Assert.That(response.Topics[1].Name, Is.Null);
    }

    [TestCase("0003000c00000006000772646b61666b610000000000010000", (short)12)]
    [TestCase("0003000d00000006000772646b61666b610000000000010000", (short)13)]
    public async Task Bytes_that_librdkafka_sends_too_many_are_let_pass(string frame, short version)
    {
        Cluster.CreateTopic("a");
        byte[] bytes = Convert.FromHexString(frame);

        await Client.SendBytesAsync((byte[])[0, 0, 0, (byte)bytes.Length, .. bytes], Bound);
        MetadataResponse response = await Client.ReceiveAsync<MetadataResponse>(Apis.Metadata, version, Bound);

        Assert.That(response.Topics.Single().Name, Is.EqualTo("a"));
    }

    [Test]
    public async Task A_created_topic_is_described_with_its_settings()
    {
        CreateTopicsResponse.CreatableTopicResult topic = await CreateAsync(new() { Name = "a", NumPartitions = 4, ReplicationFactor = 2, Configs = [new() { Name = "retention.ms", Value = "5" }] });

        Assert.That(topic.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(topic.NumPartitions, Is.EqualTo(4));
        Assert.That(topic.ReplicationFactor, Is.EqualTo(2));
        Assert.That(topic.TopicId, Is.EqualTo(Cluster.TopicId("a")));
        Assert.That(topic.Configs!.Single(config => config.Name == "retention.ms").Value, Is.EqualTo("5"));
        Assert.That(Enumerable.Range(0, 4).Select(partition => Cluster.Leader("a", partition)).Distinct(), Has.Exactly(3).Items);
    }

    [Test]
    public async Task A_topic_that_cannot_be_is_refused_with_the_reason()
    {
        Cluster.CreateTopic("there");

        Assert.That((await CreateAsync(new() { Name = "there", NumPartitions = 1, ReplicationFactor = 1 })).ErrorCode, Is.EqualTo(ErrorCode.TopicAlreadyExists));
        Assert.That((await CreateAsync(new() { Name = "a", NumPartitions = 0, ReplicationFactor = 1 })).ErrorCode, Is.EqualTo(ErrorCode.InvalidPartitions));
        Assert.That((await CreateAsync(new() { Name = "a", NumPartitions = 1, ReplicationFactor = 4 })).ErrorCode, Is.EqualTo(ErrorCode.InvalidReplicationFactor));
        Assert.That((await CreateAsync(new() { Name = "a b", NumPartitions = 1, ReplicationFactor = 1 })).ErrorCode, Is.EqualTo(ErrorCode.InvalidTopicException));
        Assert.That((await CreateAsync(new() { Name = "a", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "nonsense", Value = "1" }] })).ErrorCode, Is.EqualTo(ErrorCode.InvalidConfig));
        Assert.That((await CreateAsync(new() { Name = "a", NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 0, BrokerIds = [9] }] })).ErrorCode, Is.EqualTo(ErrorCode.InvalidReplicaAssignment));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "there" }));
    }

    [Test]
    public async Task Replicas_are_placed_as_assigned_and_a_mere_check_creates_nothing()
    {
        CreateTopicsRequest.CreatableTopic wanted = new() { Name = "a", NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 1, BrokerIds = [3, 1] }, new() { PartitionIndex = 0, BrokerIds = [2, 3] }] };

        Assert.That((await CreateAsync(wanted, validateOnly: true)).ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(Cluster.Topics, Is.Empty);
        await CreateAsync(wanted);
        Assert.That((Cluster.Leader("a", 0), Cluster.Leader("a", 1)), Is.EqualTo((2, 3)));
    }

    [Test]
    public async Task Topics_are_deleted_by_name_and_by_id()
    {
        Cluster.CreateTopic("a");
        Guid id = Cluster.CreateTopic("b");

        DeleteTopicsResponse byName = await Client.SendAsync(new DeleteTopicsRequest { TopicNames = ["a", "x"] }, 5, Bound);
        DeleteTopicsResponse byId = await Client.SendAsync(new DeleteTopicsRequest { Topics = [new() { TopicId = id }, new() { TopicId = Guid.NewGuid() }] }, 6, Bound);

        Assert.That(byName.Responses.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.UnknownTopicOrPartition }));
        Assert.That(byId.Responses.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.UnknownTopicId }));
        Assert.That(byId.Responses[0].Name, Is.EqualTo("b"));
        Assert.That(Cluster.Topics, Is.Empty);
    }

    [Test]
    public async Task Offsets_are_found_by_time_and_by_position()
    {
        Cluster.CreateTopic(Topic, replicationFactor: 1);
        using RawClient leader = await RawClient.ConnectAsync(Cluster, Cluster.Leader(Topic, 0), Bound);
        await leader.ProduceAsync(Batch(Milena.Kafka.Protocol.Records.BatchProducer.None, 1000, "a", "b", "c"), Bound);
        await leader.ProduceAsync(Batch(Milena.Kafka.Protocol.Records.BatchProducer.None, 500, "d"), Bound);

        Assert.That((await leader.ListOffsetsAsync(-1, Bound)).Offset, Is.EqualTo(4));
        Assert.That((await leader.ListOffsetsAsync(-2, Bound)).Offset, Is.Zero);
        ListOffsetsResponse.ListOffsetsPartitionResponse found = await leader.ListOffsetsAsync(1001, Bound);
        Assert.That((found.Offset, found.Timestamp, found.LeaderEpoch), Is.EqualTo((1L, 1001L, 0)));
        Assert.That((await leader.ListOffsetsAsync(0, Bound)).Offset, Is.Zero);
        Assert.That((await leader.ListOffsetsAsync(1003, Bound)).Offset, Is.EqualTo(-1));
        Assert.That((await leader.ListOffsetsAsync(-3, Bound)).Offset, Is.EqualTo(2));
        Assert.That((await leader.ListOffsetsAsync(-3, Bound, version: 6)).ErrorCode, Is.EqualTo(ErrorCode.UnsupportedVersion));
        ListOffsetsRequest old = ListOffsets(-1);
        old.Topics[0].Partitions[0].MaxNumOffsets = 5;
        Assert.That((await leader.SendAsync(old, 0, Bound)).Topics[0].Partitions[0].OldStyleOffsets, Is.EqualTo(new long[] { 4, 0 }));
    }

    [Test]
    public async Task A_coordinator_is_the_same_wherever_it_is_asked_for()
    {
        var ids = new List<int>();
        for (int broker = 1; broker <= 3; broker++)
        {
            using RawClient client = await RawClient.ConnectAsync(Cluster, broker, Bound);
            ids.Add((await client.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = ["g"] }, 4, Bound)).Coordinators.Single().NodeId);
            ids.Add((await client.SendAsync(new FindCoordinatorRequest { Key = "g" }, 0, Bound)).NodeId);
        }

        Assert.That(ids.Distinct(), Has.Exactly(1).Items);
    }

    private async Task<MetadataResponse.MetadataResponseTopic> DescribeAsync(string topic) =>
        (await Client.SendAsync(new MetadataRequest { Topics = [new() { Name = topic }] }, 12, Bound)).Topics.Single();

    private async Task<CreateTopicsResponse.CreatableTopicResult> CreateAsync(CreateTopicsRequest.CreatableTopic topic, bool validateOnly = false) =>
        (await Client.SendAsync(new CreateTopicsRequest { Topics = [topic], ValidateOnly = validateOnly }, 7, Bound)).Topics.Single();
}
