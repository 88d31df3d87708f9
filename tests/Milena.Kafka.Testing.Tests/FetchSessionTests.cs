using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class FetchSessionTests : ClusterTest
{
    [SetUp]
    public void CreateTopic() => Cluster.CreateTopic(Topic, partitions: 2);

    [Test]
    public async Task A_session_tells_only_news()
    {
        int session = await OpenAsync();

        FetchResponse quiet = await ContinueAsync(session, 1);
        await Client.ProduceAsync(Batch("a"), Bound, partition: 1);
        FetchResponse news = await ContinueAsync(session, 2);

        Assert.That(quiet.SessionId, Is.EqualTo(session));
        Assert.That(quiet.Responses, Is.Empty);
        Assert.That(news.Responses.Single().Partitions.Single().PartitionIndex, Is.EqualTo(1));
    }

    [Test]
    public async Task A_forgotten_partition_is_told_of_no_more()
    {
        int session = await OpenAsync();
        await Client.ProduceAsync(Batch("a"), Bound, partition: 0);
        await Client.ProduceAsync(Batch("b"), Bound, partition: 1);

        FetchResponse news = await Client.SendAsync(
            new FetchRequest { SessionId = session, SessionEpoch = 1, ForgottenTopicsData = [new() { Topic = Topic, Partitions = [1] }] },
            12,
            Bound);

        Assert.That(news.Responses.Single().Partitions.Single().PartitionIndex, Is.Zero);
    }

    [Test]
    public async Task A_new_position_replaces_the_old_one()
    {
        int session = await OpenAsync();
        await Client.ProduceAsync(Batch("a"), Bound);
        FetchRequest next = Fetch(1);
        next.SessionId = session;
        next.SessionEpoch = 1;

        FetchResponse response = await Client.SendAsync(next, 12, Bound);

        Assert.That(response.Responses.Single().Partitions.Single().Records!.Value.Length, Is.Zero, "the high watermark is news, records there are none");
    }

    [Test]
    public async Task A_wrong_epoch_and_an_unknown_session_are_errors()
    {
        int session = await OpenAsync();

        Assert.That((await ContinueAsync(session, 2)).ErrorCode, Is.EqualTo(ErrorCode.InvalidFetchSessionEpoch));
        Assert.That((await ContinueAsync(session + 1, 1)).ErrorCode, Is.EqualTo(ErrorCode.FetchSessionIdNotFound));
        Assert.That((await ContinueAsync(session, 1)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_closed_session_is_gone()
    {
        int session = await OpenAsync();

        FetchResponse closed = await ContinueAsync(session, -1);

        Assert.That(closed.SessionId, Is.Zero);
        Assert.That((await ContinueAsync(session, 1)).ErrorCode, Is.EqualTo(ErrorCode.FetchSessionIdNotFound));
    }

    [Test]
    public async Task A_session_by_name_does_not_go_on_by_id()
    {
        int session = await OpenAsync();

        FetchResponse response = await Client.SendAsync(new FetchRequest { SessionId = session, SessionEpoch = 1 }, 13, Bound);

        Assert.That(response.ErrorCode, Is.EqualTo(ErrorCode.FetchSessionTopicIdError));
    }

    [Test]
    public async Task A_partition_with_records_is_served_last_the_next_time()
    {
        int session = await OpenAsync();
        byte[] batch = Batch(new string('x', 500));
        await Client.ProduceAsync(batch, Bound, partition: 0);
        await Client.ProduceAsync(batch, Bound, partition: 1);

        FetchResponse first = await Client.SendAsync(new FetchRequest { SessionId = session, SessionEpoch = 1, MaxBytes = 1 }, 12, Bound);
        FetchResponse second = await Client.SendAsync(new FetchRequest { SessionId = session, SessionEpoch = 2, MaxBytes = 1 }, 12, Bound);

        Assert.That(WithRecords(first), Is.EqualTo(0));
        Assert.That(WithRecords(second), Is.EqualTo(1));
    }

    [Test]
    public async Task Without_a_session_the_session_id_is_zero()
    {
        FetchResponse response = await Client.SendAsync(Fetch(0), 12, Bound);

        Assert.That(response.SessionId, Is.Zero);
        Assert.That(response.Responses, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_topic_that_is_unknown_by_id_is_an_error_of_its_partitions()
    {
        FetchRequest request = Fetch(0, maxWaitMs: 60_000);
        request.Topics[0].TopicId = Guid.NewGuid();

        FetchResponse response = await Client.SendAsync(request, 13, Bound);

        Assert.That(response.Responses.Single().Partitions.Single().ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicId));
        Assert.That(response.Responses.Single().TopicId, Is.EqualTo(request.Topics[0].TopicId));
    }

    private static int WithRecords(FetchResponse response) =>
        response.Responses.SelectMany(topic => topic.Partitions).Single(partition => partition.Records is { Length: > 0 }).PartitionIndex;

    private async Task<int> OpenAsync()
    {
        FetchRequest request = Fetch(0);
        request.SessionEpoch = 0;
        request.Topics[0].Partitions.Add(new() { Partition = 1, PartitionMaxBytes = 1 << 20 });
        FetchResponse response = await Client.SendAsync(request, 12, Bound);
        Assert.That(response.SessionId, Is.Positive);
        Assert.That(response.Responses.Single().Partitions, Has.Count.EqualTo(2));
        return response.SessionId;
    }

    private Task<FetchResponse> ContinueAsync(int session, int epoch) =>
        Client.SendAsync(new FetchRequest { SessionId = session, SessionEpoch = epoch }, 12, Bound);
}
