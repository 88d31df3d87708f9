using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class FetchTests : ClusterTest
{
    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new() { TimeProvider = _time };

    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, partitions: 2);

    [Test]
    public async Task A_fetch_gives_whole_batches_from_the_one_that_holds_the_offset()
    {
        await Client.ProduceAsync(Batch("a", "b"), Bound);
        await Client.ProduceAsync(Batch("c"), Bound);

        FetchResponse.PartitionData data = await Client.FetchAsync(Fetch(1), Bound);

        Assert.That(Values(data.Records), Is.EqualTo(new[] { "a", "b", "c" }));
        Assert.That(data.HighWatermark, Is.EqualTo(3));
        Assert.That(data.LastStableOffset, Is.EqualTo(3));
        Assert.That(data.LogStartOffset, Is.Zero);
    }

    [Test]
    public async Task A_batch_that_does_not_fit_is_cut_off_but_the_first_one_never_is()
    {
        byte[] batch = Batch(new string('x', 1000));
        await Client.ProduceAsync(batch, Bound);
        await Client.ProduceAsync(batch, Bound);

        FetchResponse.PartitionData small = await Client.FetchAsync(Fetch(0, partitionMaxBytes: 1), Bound);
        FetchResponse.PartitionData larger = await Client.FetchAsync(Fetch(0, partitionMaxBytes: batch.Length + 100), Bound);
        FetchResponse.PartitionData capped = await Client.FetchAsync(Fetch(0, maxBytes: 10), Bound);

        Assert.That(small.Records!.Value.Length, Is.EqualTo(batch.Length));
        Assert.That(larger.Records!.Value.Length, Is.EqualTo(batch.Length + 100));
        Assert.That(Values(larger.Records), Has.Count.EqualTo(1));
        Assert.That(capped.Records!.Value.Length, Is.EqualTo(batch.Length));
    }

    [Test]
    public async Task Only_the_first_partition_may_exceed_the_limit()
    {
        await Client.ProduceAsync(Batch("a"), Bound);
        await Client.ProduceAsync(Batch("b"), Bound, partition: 1);
        FetchRequest request = Fetch(0, maxBytes: 1);
        request.Topics[0].Partitions.Add(new() { Partition = 1, FetchOffset = 0, PartitionMaxBytes = 1 << 20 });

        FetchResponse response = await Client.SendAsync(request, 12, Bound);

        Assert.That(response.Responses[0].Partitions.Select(partition => Values(partition.Records).Count), Is.EqualTo(new[] { 1, 0 }));
    }

    [Test]
    public async Task An_offset_outside_of_the_log_is_out_of_range()
    {
        await Client.ProduceAsync(Batch("a"), Bound);

        Assert.That((await Client.FetchAsync(Fetch(2, maxWaitMs: 60_000), Bound)).ErrorCode, Is.EqualTo(ErrorCode.OffsetOutOfRange));
        Assert.That((await Client.FetchAsync(Fetch(-1), Bound)).ErrorCode, Is.EqualTo(ErrorCode.OffsetOutOfRange));
        Assert.That((await Client.FetchAsync(Fetch(1), Bound)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_long_poll_ends_when_enough_has_come_and_holds_up_no_other_connection()
    {
        using RawClient consumer = await RawClient.ConnectAsync(Cluster, 1, Bound);
        byte[] batch = Batch("a");
        Task<FetchResponse.PartitionData> fetch = consumer.FetchAsync(Fetch(0, maxWaitMs: 60_000, minBytes: (2 * batch.Length) - 1), Bound);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, Bound);

        await Client.ProduceAsync(batch, Bound);
        Assert.That(fetch.IsCompleted, Is.False);
        await Client.ProduceAsync(batch, Bound);

        Assert.That(Values((await fetch).Records), Is.EqualTo(new[] { "a", "a" }));
    }

    [Test]
    public async Task A_long_poll_ends_empty_when_its_time_is_over()
    {
        Task<FetchResponse.PartitionData> fetch = Client.FetchAsync(Fetch(0, maxWaitMs: 500), Bound);
        await _time.WaitForTimerAsync(Bound);

        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.That(fetch.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That((await fetch).Records?.Length, Is.Zero);
    }

    [Test]
    public async Task Requests_on_one_connection_are_answered_in_order()
    {
        int first = await Client.SendOnlyAsync(Fetch(0, maxWaitMs: 60_000), 12, Bound);
        int second = await Client.SendOnlyAsync(ListOffsets(-1), 9, Bound);
        using RawClient other = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, Bound);
        await other.ProduceAsync(Batch("a"), Bound);

        await Client.ReceiveAsync<FetchResponse>(Apis.Fetch, 12, Bound);
        Assert.That(Client.LastReceivedCorrelationId, Is.EqualTo(first));
        await Client.ReceiveAsync<ListOffsetsResponse>(Apis.ListOffsets, 9, Bound);
        Assert.That(Client.LastReceivedCorrelationId, Is.EqualTo(second));
    }

    [Test]
    public async Task A_topic_that_is_deleted_ends_the_long_poll()
    {
        Task<FetchResponse.PartitionData> fetch = Client.FetchAsync(Fetch(0, maxWaitMs: 60_000), Bound);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, Bound);

        Cluster.DeleteTopic(Topic);

        Assert.That((await fetch).ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
    }

    [TestCase((short)0, 0)]
    [TestCase((short)1, 0)]
    [TestCase((short)2, 1)]
    [TestCase((short)3, 1)]
    [TestCase((short)4, 2)]
    public async Task Old_clients_get_message_sets(short version, int magic)
    {
        await Client.ProduceAsync(Batch("a", "b"), Bound);

        FetchResponse.PartitionData data = await Client.FetchAsync(Fetch(0), Bound, version);

        Assert.That(data.Records!.Value.Span[16], Is.EqualTo(magic));
        Assert.That(Values(data.Records), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_log_of_many_segments_is_read_to_its_end_in_order()
    {
        string value = new('x', 5000);
        for (int i = 0; i < 200; i++)
        {
            await Client.ProduceAsync(Batch($"{i} {value}"), Bound);
        }

        var read = new List<string>();
        while (read.Count < 200)
        {
            IReadOnlyList<string> values = Values((await Client.FetchAsync(Fetch(read.Count), Bound)).Records);
            Assert.That(values, Is.Not.Empty);
            read.AddRange(values);
        }

        Assert.That(read.Select(text => text.Split(' ')[0]), Is.EqualTo(Enumerable.Range(0, 200).Select(i => $"{i}")));
    }

    [Test]
    public async Task Deleted_records_are_gone_for_readers()
    {
        await Client.ProduceAsync(Batch("a"), Bound);
        await Client.ProduceAsync(Batch("b"), Bound);

        DeleteRecordsResponse deleted = await Client.SendAsync(
            new DeleteRecordsRequest { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = 1 }] }] },
            2,
            Bound);

        Assert.That(deleted.Topics[0].Partitions[0].LowWatermark, Is.EqualTo(1));
        Assert.That((await Client.FetchAsync(Fetch(0), Bound)).ErrorCode, Is.EqualTo(ErrorCode.OffsetOutOfRange));
        Assert.That((await Client.FetchAsync(Fetch(1), Bound)).LogStartOffset, Is.EqualTo(1));
        Assert.That((await Client.ListOffsetsAsync(-2, Bound)).Offset, Is.EqualTo(1));
    }
}
