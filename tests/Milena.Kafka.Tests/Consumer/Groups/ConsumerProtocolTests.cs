using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What only the protocol of KIP-848 has: epochs, patterns and assignors of the brokers, instance ids that are not free yet.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ConsumerProtocolTests : GroupTest
{
    public ConsumerProtocolTests() => Protocol = GroupProtocol.Consumer;

    [Test]
    public async Task A_pattern_of_the_brokers_takes_in_topics_that_come_later(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = Member("m", o =>
        {
            o.Topics.Clear();
            o.RemoteTopicPattern = "orders.*";
        }).Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        Cluster.CreateTopic("orders-new", 2);
        Cluster.CreateTopic("my-orders", 2);
        await member.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
        Assert.That(member.Owned.Select(p => p.Topic).Distinct(), Is.EquivalentTo(new[] { "orders", "orders-new" }));
        Cluster.DeleteTopic("orders-new");
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
    }

    [Test]
    public async Task A_topic_that_is_made_anew_is_read_from_its_start(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        await using KafkaClient impatient = new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MetadataMaxAge = TimeSpan.FromMilliseconds(100) });
        await using GroupMemberRig member = Member("m", null, impatient).Start();
        await member.UntilAsync(_ => Seen.Count == 5, cancellationToken);
        Cluster.DeleteTopic(Topic);
        Cluster.CreateTopic(Topic, 1);
        await StoreAllAsync(1, 0, 3);
        await member.UntilAsync(_ => Seen.Count == 8, cancellationToken);
        Assert.That(Seen.Select(s => s.Offset).Skip(5), Is.EqualTo(new long[] { 0, 1, 2 }));
    }

    [TestCase("no-such", null, ErrorCode.UnsupportedAssignor)]
    [TestCase(null, "orders(", ErrorCode.InvalidRegularExpression)]
    public async Task What_the_brokers_do_not_know_is_explained(string? assignor, string? pattern, ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => (o.GroupRemoteAssignor, o.RemoteTopicPattern) = (assignor, pattern)));
        GroupException? fault = await Assert.CatchAsync<GroupException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.Code, Is.EqualTo(error));
    }

    [Test]
    public async Task A_commit_with_a_stale_epoch_is_tried_again_with_the_new_one(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 5, cancellationToken);
        Cluster.FailNext(ApiKey.OffsetCommit, ErrorCode.StaleMemberEpoch, 2);
        await consumer.CommitAsync(records[4], cancellationToken: cancellationToken);

        Assert.That(Cluster.ReceivedCount(ApiKey.OffsetCommit), Is.EqualTo(3));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 5 }));
    }

    [TestCase(ErrorCode.StaleMemberEpoch)]
    [TestCase(ErrorCode.UnknownMemberId)]
    public async Task Offsets_are_asked_for_as_a_member_and_again_if_that_is_out_of_date(ErrorCode error, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        Cluster.FailNext(ApiKey.OffsetFetch, error);
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(_ => Seen.Select(s => s.Offset).Distinct().Count() == 5, cancellationToken);
        OffsetFetchRequest.OffsetFetchRequestGroup asked = Cluster.Received<OffsetFetchRequest>()[0].Groups[0];
        Assert.That((string.IsNullOrEmpty(asked.MemberId), asked.MemberEpoch), Is.EqualTo((false, 1)));
    }

    [Test]
    public async Task Brokers_of_the_first_version_give_the_member_its_id(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        Cluster.MaxVersion(ApiKey.ConsumerGroupHeartbeat, 0);
        await StoreAllAsync(2, 0, 5);
        await using (GroupMemberRig member = Member("m").Start())
        {
            await member.UntilAsync(_ => Seen.Count == 10, cancellationToken);
        }

        IReadOnlyList<ConsumerGroupHeartbeatRequest> sent = Cluster.Received<ConsumerGroupHeartbeatRequest>();
        Assert.That(sent[0].MemberId, Is.Empty);
        Assert.That(sent.Skip(1).Select(r => r.MemberId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(await CommittedAsync(2), Is.All.EqualTo(5L));
    }

    [Test]
    public async Task A_heartbeat_says_only_what_is_new(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.ConsumerGroupHeartbeat, 6, cancellationToken);
        IReadOnlyList<ConsumerGroupHeartbeatRequest> sent = Cluster.Received<ConsumerGroupHeartbeatRequest>();
        Assert.That(sent[0].SubscribedTopicNames, Is.EqualTo(new[] { Topic }));
        Assert.That(sent[0].RebalanceTimeoutMs, Is.EqualTo(300_000));
        Assert.That(sent[0].TopicPartitions, Is.Empty);
        Assert.That(sent.Skip(1).Select(r => r.SubscribedTopicNames), Is.All.Null);
        Assert.That(sent.Skip(1).Select(r => r.RebalanceTimeoutMs), Is.All.EqualTo(-1));
        Assert.That(sent.Skip(1).Count(r => r.TopicPartitions is not null), Is.EqualTo(1), "once, that it has the partitions");

        Cluster.DropConnection(ApiKey.ConsumerGroupHeartbeat);
        int before = sent.Count;
        await Cluster.WaitForAsync(ApiKey.ConsumerGroupHeartbeat, before + 3, cancellationToken);
        Assert.That(Cluster.Received<ConsumerGroupHeartbeatRequest>().Skip(before).Any(r => r.SubscribedTopicNames is not null && r.TopicPartitions is { Count: 1 }), "after a lost answer everything");
    }

    [Test]
    public async Task A_second_member_of_one_name_waits_until_the_first_has_gone(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        GroupMemberRig first = Member("first", o => o.GroupInstanceId = "a").Start();
        await first.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await using GroupMemberRig second = Member("second", o => o.GroupInstanceId = "a").Start();
        await Cluster.WaitForAsync(ApiKey.ConsumerGroupHeartbeat, 20, cancellationToken);
        Assert.That(second.Owned, Is.Empty);
        await first.DisposeAsync();
        await second.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
    }

    [Test]
    public void Options_that_the_protocol_does_not_know_are_refused()
    {
        var options = new ConsumerOptions
        {
            GroupId = Group,
            Topics = { Topic },
            GroupProtocol = GroupProtocol.Consumer,
            SessionTimeout = TimeSpan.FromSeconds(20),
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            Assignors = { PartitionAssignors.Sticky },
        };
        Assert.That(
            options.Validate,
            Throws.ArgumentException.With.Message.Contains("SessionTimeout is set").And.Message.Contains("HeartbeatInterval is set").And.Message.Contains("Assignors is changed"));
        options.GroupProtocol = GroupProtocol.Auto;
        Assert.That(options.Validate, Throws.Nothing);
        Assert.That(options.EffectiveGroupProtocol, Is.EqualTo(GroupProtocol.Classic), "for the sake of the assignor");
        options.GroupRemoteAssignor = "range";
        Assert.That(options.EffectiveGroupProtocol, Is.EqualTo(GroupProtocol.Auto));
    }
}
