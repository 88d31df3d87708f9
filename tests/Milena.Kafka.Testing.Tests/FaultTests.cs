using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class FaultTests : ClusterTest
{
    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, partitions: 2);

    [Test]
    public async Task The_next_requests_fail_and_nothing_is_stored()
    {
        Cluster.FailNext(ApiKey.Produce, ErrorCode.NotLeaderOrFollower, count: 2);
        Cluster.FailNext(ApiKey.Produce, ErrorCode.KafkaStorageError);

        var errors = new List<ErrorCode>();
        for (int i = 0; i < 4; i++)
        {
            errors.Add((await Client.ProduceAsync(Batch("a"), Bound)).ErrorCode);
        }

        Assert.That(errors, Is.EqualTo(new[] { ErrorCode.NotLeaderOrFollower, ErrorCode.NotLeaderOrFollower, ErrorCode.KafkaStorageError, ErrorCode.None }));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(1));
        Assert.That(Cluster.Received(ApiKey.Produce), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task The_nth_request_fails()
    {
        Cluster.FailNth(ApiKey.ListOffsets, 2, ErrorCode.LeaderNotAvailable);

        Assert.That((await Client.ListOffsetsAsync(-1, Bound)).ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That((await Client.ListOffsetsAsync(-1, Bound)).ErrorCode, Is.EqualTo(ErrorCode.LeaderNotAvailable));
        Assert.That((await Client.ListOffsetsAsync(-1, Bound)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task An_error_of_one_partition_leaves_the_others_alone()
    {
        Cluster.Fail(ApiKey.Produce, ErrorCode.KafkaStorageError, new FaultScope { Topic = Topic, Partition = 1 });
        ProduceRequest request = Produce(Batch("a"));
        request.TopicData[0].PartitionData.Add(new() { Index = 1, Records = Batch("b") });

        ProduceResponse response = await Client.SendAsync(request, 9, Bound);

        Assert.That(response.Responses[0].PartitionResponses.Select(partition => partition.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.KafkaStorageError }));
    }

    [Test]
    public async Task A_request_can_be_carried_out_and_fail_nevertheless()
    {
        Cluster.Fail(ApiKey.Produce, ErrorCode.RequestTimedOut, new FaultScope { AfterHandling = true });

        Assert.That((await Client.ProduceAsync(Batch("a"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.RequestTimedOut));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(1));
    }

    [Test]
    public async Task A_connection_is_dropped_before_or_after_the_work([Values] bool afterHandling)
    {
        Cluster.DropConnection(ApiKey.Produce, new FaultScope { AfterHandling = afterHandling });

        await Client.SendOnlyAsync(Produce(Batch("a")), 9, Bound);

        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(afterHandling ? 1 : 0));
    }

    [Test]
    public async Task A_held_request_waits_until_it_is_released()
    {
        RequestHold hold = Cluster.Hold(ApiKey.Produce);
        Task<ProduceResponse.PartitionProduceResponse> produce = Client.ProduceAsync(Batch("a"), Bound);
        await hold.WaitForAsync(1, Bound);

        Assert.That(produce.IsCompleted, Is.False);
        Assert.That(Cluster.EndOffset(Topic, 0), Is.Zero);
        hold.Release();

        Assert.That((await produce).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_delay_is_measured_by_the_clock_of_the_cluster()
    {
        Cluster.DelayNext(ApiKey.ListOffsets, TimeSpan.FromHours(1));
        Task<ListOffsetsResponse.ListOffsetsPartitionResponse> asked = Client.ListOffsetsAsync(-1, Bound);
        await _time.WaitForTimerAsync(Bound);
        Assert.That(asked.IsCompleted, Is.False);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.That((await asked).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task What_arrived_is_told_with_its_sender()
    {
        await Client.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "raw-client", ClientSoftwareVersion = "1.0" }, 3, Bound);
        await Client.ProduceAsync(Batch("a"), Bound);

        ReceivedRequest received = Cluster.Received(ApiKey.Produce).Single();

        Assert.That(received.ClientId, Is.EqualTo(RawClient.ClientId));
        Assert.That((received.ClientSoftwareName, received.ClientSoftwareVersion), Is.EqualTo(("raw-client", "1.0")));
        Assert.That((received.BrokerId, received.Version), Is.EqualTo((1, 9)));
        Assert.That(Values(Cluster.Received<ProduceRequest>().Single().TopicData[0].PartitionData[0].Records), Is.EqualTo(new[] { "a" }));
        Assert.That(received.ReceivedAt, Is.EqualTo(_time.GetUtcNow()));
    }

    [Test]
    public async Task Disposing_releases_what_is_held()
    {
        RequestHold hold = Cluster.Hold(ApiKey.Produce);
        await Client.SendOnlyAsync(Produce(Batch("a")), 9, Bound);
        await hold.WaitForAsync(1, Bound);

        await Cluster.DisposeAsync().AsTask().WaitAsync(Bound);

        Assert.That(hold.IsReleased);
    }
}
