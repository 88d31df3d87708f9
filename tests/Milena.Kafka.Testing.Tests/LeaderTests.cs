using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class LeaderTests : ClusterTest
{
    private Guid _topicId;

    protected override int Brokers => 3;

    [SetUp]
    public void CreateTopic()
    {
        _topicId = Cluster.CreateTopic(Topic);
        Cluster.MoveLeader(Topic, 0, 1);
    }

    [Test]
    public async Task Who_asks_the_wrong_broker_is_told_the_right_one()
    {
        FetchRequest fetch = FetchOfThisEpoch();
        fetch.Topics[0].TopicId = _topicId;
        Cluster.MoveLeader(Topic, 0, 2);

        ProduceResponse produced = await Client.SendAsync(Produce(Batch("a"), topicId: _topicId), 13, Bound);
        FetchResponse fetched = await Client.SendAsync(fetch, 16, Bound);

        Assert.That(produced.Responses[0].PartitionResponses[0].ErrorCode, Is.EqualTo(ErrorCode.NotLeaderOrFollower));
        Assert.That(produced.Responses[0].PartitionResponses[0].CurrentLeader.LeaderId, Is.EqualTo(2));
        Assert.That(produced.Responses[0].PartitionResponses[0].CurrentLeader.LeaderEpoch, Is.EqualTo(Cluster.LeaderEpoch(Topic, 0)));
        Assert.That(fetched.Responses[0].Partitions[0].CurrentLeader.LeaderId, Is.EqualTo(2));
        foreach ((string host, int port) in new[] { (produced.NodeEndpoints.Single().Host, produced.NodeEndpoints.Single().Port), (fetched.NodeEndpoints.Single().Host, fetched.NodeEndpoints.Single().Port) })
        {
            Assert.That($"{host}:{port}", Is.EqualTo(Cluster.BootstrapServers.Split(',')[1]));
        }
    }

    [Test]
    public async Task A_move_of_the_leader_ends_the_long_poll()
    {
        Task<FetchResponse.PartitionData> fetch = Client.FetchAsync(FetchOfThisEpoch(), Bound);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, Bound);

        Cluster.MoveLeader(Topic, 0, 3);

        // Without the epoch the old leader would go on to serve it as a follower, as Kafka's brokers do since version 11.
        Assert.That((await fetch).ErrorCode, Is.EqualTo(ErrorCode.FencedLeaderEpoch));
    }

    [Test]
    public async Task Old_and_future_epochs_are_told_apart()
    {
        int epoch = Cluster.LeaderEpoch(Topic, 0);

        Assert.That(await FetchWithEpochAsync(epoch), Is.EqualTo(ErrorCode.None));
        Assert.That(await FetchWithEpochAsync(epoch + 1), Is.EqualTo(ErrorCode.UnknownLeaderEpoch));
        Cluster.MoveLeader(Topic, 0, 2);
        Cluster.MoveLeader(Topic, 0, 1);
        Assert.That(await FetchWithEpochAsync(epoch), Is.EqualTo(ErrorCode.FencedLeaderEpoch));
    }

    [Test]
    public async Task The_end_of_an_epoch_is_where_the_next_one_begins()
    {
        int first = Cluster.LeaderEpoch(Topic, 0);
        await Client.ProduceAsync(Batch("a", "b"), Bound);
        Cluster.MoveLeader(Topic, 0, 2);
        Cluster.MoveLeader(Topic, 0, 1);
        await Client.ProduceAsync(Batch("c"), Bound);
        int last = Cluster.LeaderEpoch(Topic, 0);

        Assert.That(await EndOfAsync(first), Is.EqualTo((first, 2L)));
        Assert.That(await EndOfAsync(first + 1), Is.EqualTo((first, 2L)), "nothing was written in between");
        Assert.That(await EndOfAsync(last), Is.EqualTo((last, 3L)));
        Assert.That(await EndOfAsync(last + 1), Is.EqualTo((-1, -1L)));
        Assert.That(Cluster.Records(Topic, 0).Select(record => record.LeaderEpoch), Is.EqualTo(new[] { first, first, last }));
    }

    [Test]
    public async Task A_reader_of_lost_records_is_told_where_the_logs_part()
    {
        int epoch = Cluster.LeaderEpoch(Topic, 0);
        await Client.ProduceAsync(Batch("a"), Bound);
        await Client.ProduceAsync(Batch("lost"), Bound);

        Cluster.LoseRecords(Topic, 0, 1);
        await Client.ProduceAsync(Batch("b"), Bound);
        await Client.ProduceAsync(Batch("c"), Bound);
        FetchRequest request = Fetch(2);
        request.Topics[0].Partitions[0].LastFetchedEpoch = epoch;
        FetchResponse.PartitionData data = await Client.FetchAsync(request, Bound);

        Assert.That((data.DivergingEpoch.Epoch, data.DivergingEpoch.EndOffset), Is.EqualTo((epoch, 1L)));
        Assert.That(data.Records!.Value.Length, Is.Zero);
        Assert.That(Values((await Client.FetchAsync(Fetch(0), Bound)).Records).Concat(Values((await Client.FetchAsync(Fetch(1), Bound)).Records)).Distinct(), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public async Task When_a_broker_stops_another_leads_and_when_it_starts_it_has_its_port_and_records()
    {
        await Client.ProduceAsync(Batch("a"), Bound);
        string address = Cluster.BootstrapServers;

        await Cluster.StopBrokerAsync(1);
        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
        int leader = Cluster.Leader(Topic, 0);
        Assert.That(leader, Is.Not.EqualTo(1));
        using RawClient other = await RawClient.ConnectAsync(Cluster, leader, Bound);
        MetadataResponse metadata = await other.SendAsync(new MetadataRequest { Topics = [new() { Name = Topic }] }, 9, Bound);
        Assert.That(metadata.Brokers.Select(broker => broker.NodeId), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(metadata.Topics[0].Partitions[0].OfflineReplicas, Is.EqualTo(new[] { 1 }));
        Assert.That(metadata.Topics[0].Partitions[0].IsrNodes, Has.No.Member(1));

        await Cluster.StartBrokerAsync(1);
        Assert.That(Cluster.BootstrapServers, Is.EqualTo(address));
        Cluster.MoveLeader(Topic, 0, 1);
        using RawClient again = await RawClient.ConnectAsync(Cluster, 1, Bound);
        Assert.That(Values((await again.FetchAsync(Fetch(0), Bound)).Records), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task A_partition_whose_only_replica_stops_has_no_leader()
    {
        Cluster.CreateTopic("single", replicationFactor: 1);
        int only = Cluster.Leader("single", 0);

        await Cluster.StopBrokerAsync(only);
        Assert.That(Cluster.Leader("single", 0), Is.EqualTo(-1));
        using RawClient other = await RawClient.ConnectAsync(Cluster, only == 3 ? 2 : 3, Bound);
        MetadataResponse metadata = await other.SendAsync(new MetadataRequest { Topics = [new() { Name = "single" }] }, 9, Bound);
        Assert.That(metadata.Topics[0].Partitions[0].ErrorCode, Is.EqualTo(ErrorCode.LeaderNotAvailable));

        await Cluster.StartBrokerAsync(only);
        Assert.That(Cluster.Leader("single", 0), Is.EqualTo(only));
    }

    private async Task<ErrorCode> FetchWithEpochAsync(int epoch)
    {
        FetchRequest request = Fetch(0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = epoch;
        return (await Client.FetchAsync(request, Bound)).ErrorCode;
    }

    private async Task<(int, long)> EndOfAsync(int epoch)
    {
        OffsetForLeaderEpochResponse response = await Client.SendAsync(
            new OffsetForLeaderEpochRequest { Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = epoch }] }] },
            4,
            Bound);
        OffsetForLeaderEpochResponse.EpochEndOffset end = response.Topics.Single().Partitions.Single();
        Assert.That(end.ErrorCode, Is.EqualTo(ErrorCode.None));
        return (end.LeaderEpoch, end.EndOffset);
    }

    private FetchRequest FetchOfThisEpoch()
    {
        FetchRequest fetch = Fetch(0, maxWaitMs: 60_000);
        fetch.Topics[0].Partitions[0].CurrentLeaderEpoch = Cluster.LeaderEpoch(Topic, 0);
        return fetch;
    }
}
