using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>Clients that create and delete more partitions than their quota allows are refused, or kept silent if they are too old to know (KIP-599).</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MutationQuotaTests : QuotaTest
{
    [SetUp]
    public Task LimitAsync() => SetAsync(QuotaKeys.ControllerMutationRate, 1, ("client-id", RawClient.ClientId));

    [Test]
    public async Task A_client_in_debt_is_refused_until_it_is_paid()
    {
        CreateTopicsResponse first = await Client.SendAsync(Create(("a", 10), ("b", 5), ("c", 1)), 6, Bound);
        await Time.WaitForTimerAsync(Bound);
        Time.Advance(TimeSpan.FromMilliseconds(first.ThrottleTimeMs));
        CreateTopicsResponse second = await Client.SendAsync(Create(("c", 1)), 6, Bound);

        Assert.That(first.Topics.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded }));
        Assert.That(first.ThrottleTimeMs, Is.EqualTo(4000));
        Assert.That((second.Topics.Single().ErrorCode, second.ThrottleTimeMs), Is.EqualTo((ErrorCode.None, 0)));
    }

    [Test]
    public async Task An_older_client_has_its_way_and_is_kept_silent()
    {
        CreateTopicsResponse answer = await Client.SendAsync(Create(("a", 10), ("b", 5), ("c", 1)), 5, Bound);
        await Client.SendOnlyAsync(new MetadataRequest(), 9, Bound);
        await Time.WaitForTimerAsync(Bound);

        Assert.That(answer.Topics.Select(topic => topic.ErrorCode), Is.All.EqualTo(ErrorCode.None));
        Assert.That(answer.ThrottleTimeMs, Is.EqualTo(5000));
        Assert.That(Cluster.ReceivedCount(ApiKey.Metadata), Is.Zero);
        Time.Advance(TimeSpan.FromSeconds(5));
        await Client.ReceiveAsync<MetadataResponse>(Apis.Metadata, 9, Bound);
    }

    [Test]
    public async Task Partitions_that_are_added_or_deleted_count_too([Values(2, 3)] short createVersion, [Values(4, 5)] short deleteVersion)
    {
        Cluster.CreateTopic("a", partitions: 12);
        Cluster.CreateTopic("b");

        DeleteTopicsResponse deleted = await Client.SendAsync(new DeleteTopicsRequest { TopicNames = ["a", "b"] }, deleteVersion, Bound);
        await Time.WaitForTimerAsync(Bound);
        Time.Advance(TimeSpan.FromMilliseconds(deleted.ThrottleTimeMs));
        Cluster.CreateTopic("c");
        Cluster.CreateTopic("d");
        CreatePartitionsResponse created = await Client.SendAsync(new CreatePartitionsRequest { Topics = [More("c", 4), More("d", 2)] }, createVersion, Bound);

        Assert.That(deleted.Responses.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, Second(deleteVersion, 5) }));
        Assert.That(deleted.ThrottleTimeMs, Is.EqualTo(deleteVersion < 5 ? 2000 : 1000));
        Assert.That(created.Results.Select(topic => topic.ErrorCode), Is.EqualTo(new[] { ErrorCode.None, Second(createVersion, 3) }));
        Assert.That(created.ThrottleTimeMs, Is.EqualTo(createVersion < 3 ? 4000 : 3000));
        Assert.That(Cluster.PartitionCount("d"), Is.EqualTo(createVersion < 3 ? 2 : 1));
    }

    [Test]
    public async Task A_topic_that_would_be_created_by_being_asked_for_stays_unknown()
    {
        await Client.SendAsync(Create(("a", 12)), 6, Bound);
        var ask = new MetadataRequest { Topics = [new() { Name = "b" }], AllowAutoTopicCreation = true };
        MetadataResponse refused = await Client.SendAsync(ask, 9, Bound);
        string[] before = [.. Cluster.Topics];
        Time.Advance(TimeSpan.FromSeconds(1));
        await Client.SendAsync(ask, 9, Bound);

        Assert.That(refused.Topics.Single().ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(before, Is.EqualTo(new[] { "a" }));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task What_could_not_be_done_anyway_is_not_charged()
    {
        Cluster.CreateTopic("a");
        for (int i = 0; i < 3; i++)
        {
            CreateTopicsResponse answer = await Client.SendAsync(Create(("a", 1000)), 6, Bound);
            Assert.That(answer.Topics.Single().ErrorCode, Is.EqualTo(ErrorCode.TopicAlreadyExists));
        }
    }

    private static ErrorCode Second(short version, short strictSince) => version < strictSince ? ErrorCode.None : ErrorCode.ThrottlingQuotaExceeded;

    private static CreateTopicsRequest Create(params (string Name, int Partitions)[] topics) => new()
    {
        Topics = [.. topics.Select(topic => new CreateTopicsRequest.CreatableTopic { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = 1 })],
    };

    private static CreatePartitionsRequest.CreatePartitionsTopic More(string name, int total) => new() { Name = name, Count = total, Assignments = null };
}
