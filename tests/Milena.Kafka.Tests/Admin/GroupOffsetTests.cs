using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Consumer.Groups;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Offsets of groups as an administrator reads, stores, deletes and resets them, against the embedded cluster.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public class GroupOffsetTests : GroupAdminTest
{
    [TestCase((short)10)]
    [TestCase((short)8)]
    [TestCase((short)7)]
    [TestCase((short)2)]
    public async Task What_was_stored_is_told_all_of_it_or_some(short version, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 3);
        Cluster.MaxVersion(ApiKey.OffsetFetch, version);
        AdminOutcome<TopicPartition> stored = await Admin.AlterGroupOffsetsAsync(
            Group, [new PartitionOffset(First, 5, 0, "note"), new PartitionOffset(new(Topic, 2), 7)], cancellationToken: cancellationToken);

        AdminResults<TopicPartition, PartitionOffset?> all = await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken);
        AdminResults<TopicPartition, PartitionOffset?> some = await Admin.ListGroupOffsetsAsync(Group, [First, new(Topic, 1)], cancellationToken: cancellationToken);

        Assert.That(stored.Succeeded, Has.Count.EqualTo(2));
        Assert.That(all.Values.Keys, Is.EquivalentTo(new[] { First, new TopicPartition(Topic, 2) }));
        Assert.That(all[First], Is.EqualTo(new PartitionOffset(First, 5, version >= 5 ? 0 : -1, "note")));
        Assert.That(some.Values.Keys, Is.EquivalentTo(new[] { First, new TopicPartition(Topic, 1) }));
        Assert.That(some[new(Topic, 1)], Is.Null);
    }

    [TestCase((short)9, 1)]
    [TestCase((short)7, 4)]
    public async Task Many_groups_take_one_request_or_where_brokers_are_old_one_each(short version, int requests, CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.MaxVersion(ApiKey.OffsetFetch, version);
        string[] groups = ["a", "b", "c"];
        foreach (string group in groups)
        {
            await Admin.AlterGroupOffsetsAsync(group, [new PartitionOffset(First, group[0])], cancellationToken: cancellationToken);
        }

        AdminResults<string, AdminResults<TopicPartition, PartitionOffset?>> offsets = await Admin.ListGroupOffsetsAsync(
            groups.Append("nobody").ToDictionary(g => g, _ => (IReadOnlyCollection<TopicPartition>?)null), cancellationToken: cancellationToken);

        Assert.That(groups.Select(g => offsets[g][First]!.Offset), Is.EqualTo(groups.Select(g => (long)g[0])));
        Assert.That(offsets["nobody"].Values, Is.Empty);
        Assert.That(Cluster.ReceivedCount(ApiKey.OffsetFetch), Is.EqualTo(requests));
    }

    [Test]
    public async Task Offsets_that_a_transaction_is_about_to_change_are_waited_for_if_so_wished(CancellationToken cancellationToken)
    {
        await StartAsync();
        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 1)], cancellationToken: cancellationToken);
        await using var other = new KafkaClient(Cluster.BootstrapServers);
        await using Producer<string, string> producer = other.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "tx" });
        await using ProducerTransaction<string, string> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(Topic, "k", "v", cancellationToken);
        transaction.AddOffsets(new ConsumerGroupMetadata(Group), new PartitionOffset(First, 9));
        Task committed;
        using (RequestHold hold = Cluster.Hold(ApiKey.EndTxn))
        {
            committed = transaction.CommitAsync(cancellationToken);
            await hold.WaitForAsync(1, cancellationToken);
            Assert.That((await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken))[First]!.Offset, Is.EqualTo(1));
            Assert.That(
                () => Admin.ListGroupOffsetsAsync(Group, [First], new ListGroupOffsetsOptions { RequireStable = true, Timeout = TimeSpan.FromMilliseconds(300) }, cancellationToken),
                Throws.TypeOf<OperationTimeoutException>().With.Property("Code").EqualTo(ErrorCode.UnstableOffsetCommit));
        }

        await committed;
        Assert.That((await Admin.ListGroupOffsetsAsync(Group, [First], new ListGroupOffsetsOptions { RequireStable = true }, cancellationToken))[First]!.Offset, Is.EqualTo(9));
    }

    [Test]
    public async Task Stability_that_an_old_broker_knows_nothing_of_is_refused(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.MaxVersion(ApiKey.OffsetFetch, 6);

        Assert.That(
            () => Admin.ListGroupOffsetsAsync(Group, [First], new ListGroupOffsetsOptions { RequireStable = true }, cancellationToken),
            Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task A_partition_that_is_not_there_does_not_keep_the_others_back(CancellationToken cancellationToken)
    {
        await StartAsync();

        AdminOutcome<TopicPartition> outcome = await Admin.AlterGroupOffsetsAsync(
            Group, [new PartitionOffset(First, 1), new PartitionOffset(new(Topic, 8), 1), new PartitionOffset(new("nothing", 0), 1)], cancellationToken: cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { First }));
        Assert.That(outcome.Failures.Values.Select(f => f.Code), Has.All.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(outcome.ThrowIfAnyFailed, Throws.TypeOf<KafkaException>().With.Message.StartsWith("2 of 3 failed."));
    }

    [TestCase(GroupProtocol.Classic)]
    [TestCase(GroupProtocol.Consumer)]
    public async Task A_group_with_members_keeps_its_offsets(GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = await JoinedAsync(protocol, cancellationToken);

        AdminOutcome<TopicPartition> altered = await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 1)], cancellationToken: cancellationToken);
        AdminOutcome<TopicPartition> deleted = await Admin.DeleteGroupOffsetsAsync(Group, [First], cancellationToken: cancellationToken);

        Assert.That(altered.Failures[First], Has.Property("Code").EqualTo(ErrorCode.UnknownMemberId).And.Message.Contains("has members"));
        Assert.That(deleted.Failures[First].Code, Is.EqualTo(ErrorCode.GroupSubscribedToTopic));
        Assert.That(
            () => Admin.ResetGroupOffsetsAsync(Group, OffsetReset.ToLatest, new ResetGroupOffsetsOptions { Topics = [Topic], DryRun = true }, cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.NonEmptyGroup).And.Message.Contains("Stop its consumers"));
    }

    [Test]
    public async Task Deleted_offsets_are_gone(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 2);
        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 1), new PartitionOffset(new(Topic, 1), 2)], cancellationToken: cancellationToken);

        AdminOutcome<TopicPartition> deleted = await Admin.DeleteGroupOffsetsAsync(Group, [First, new("nothing", 0)], cancellationToken: cancellationToken);
        AdminOutcome<TopicPartition> unknown = await Admin.DeleteGroupOffsetsAsync("nobody", [First], cancellationToken: cancellationToken);

        Assert.That(deleted.Succeeded, Is.EqualTo(new[] { First }));
        Assert.That(deleted.Failures.Values.Single().Code, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That((await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken)).Values.Keys, Is.EqualTo(new[] { new TopicPartition(Topic, 1) }));
        Assert.That(unknown.Failures[First].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
    }

    [Test]
    public async Task A_coordinator_that_moves_between_two_calls_is_found_again(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);
        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 1)], cancellationToken: cancellationToken);
        Cluster.MoveCoordinator(Group, Cluster.BrokerIds.First(id => id != Cluster.Coordinator(Group)));

        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 2)], cancellationToken: cancellationToken);

        Assert.That((await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken))[First]!.Offset, Is.EqualTo(2));
    }

    private static IEnumerable<TestCaseData> Resets()
    {
        yield return new TestCaseData(OffsetReset.ToEarliest, 3L, false).SetArgDisplayNames("earliest");
        yield return new TestCaseData(OffsetReset.ToLatest, 10L, false).SetArgDisplayNames("latest");
        yield return new TestCaseData(OffsetReset.ToCurrent, 5L, false).SetArgDisplayNames("current");
        yield return new TestCaseData(OffsetReset.By(2), 7L, false).SetArgDisplayNames("by 2");
        yield return new TestCaseData(OffsetReset.By(-4), 3L, true).SetArgDisplayNames("by -4");
        yield return new TestCaseData(OffsetReset.By(100), 10L, true).SetArgDisplayNames("by 100");
        yield return new TestCaseData(OffsetReset.ToOffset(6), 6L, false).SetArgDisplayNames("to 6");
        yield return new TestCaseData(OffsetReset.ToOffset(0), 3L, true).SetArgDisplayNames("to 0");
        yield return new TestCaseData(OffsetReset.ToTime(DateTimeOffset.FromUnixTimeMilliseconds(1004)), 4L, false).SetArgDisplayNames("to a time");
        yield return new TestCaseData(OffsetReset.ToTime(DateTimeOffset.FromUnixTimeMilliseconds(5000)), 10L, false).SetArgDisplayNames("to a time behind the end");
        yield return new TestCaseData(OffsetReset.ToAgo(TimeSpan.FromDays(36500)), 3L, false).SetArgDisplayNames("to long ago");
    }

    [TestCaseSource(nameof(Resets))]
    public async Task A_reset_is_planned_first_and_then_done(OffsetReset reset, long expected, bool isClamped, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 2);
        await StoreAsync(0, from: 0, count: 10);
        await DeleteRecordsAsync(before: 3);
        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 5)], cancellationToken: cancellationToken);

        AdminResults<TopicPartition, OffsetResetStep> plan = await Admin.ResetGroupOffsetsAsync(Group, reset, new ResetGroupOffsetsOptions { DryRun = true }, cancellationToken);
        long untouched = (await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken))[First]!.Offset;
        AdminResults<TopicPartition, OffsetResetStep> done = await Admin.ResetGroupOffsetsAsync(Group, reset, cancellationToken: cancellationToken);

        Assert.That(plan.Values, Is.EqualTo(new Dictionary<TopicPartition, OffsetResetStep> { [First] = new OffsetResetStep(5, expected, 3, 10, isClamped) }));
        Assert.That(untouched, Is.EqualTo(5));
        Assert.That(done.Values, Is.EqualTo(plan.Values));
        Assert.That((await Admin.ListGroupOffsetsAsync(Group, cancellationToken: cancellationToken))[First]!.Offset, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_reset_takes_whole_topics_and_partitions_fail_one_by_one(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 3);
        await StoreAllAsync(partitions: 3, from: 0, count: 4);
        await Admin.AlterGroupOffsetsAsync(Group, [new PartitionOffset(First, 1)], cancellationToken: cancellationToken);

        AdminResults<TopicPartition, OffsetResetStep> shifted = await Admin.ResetGroupOffsetsAsync(
            Group, OffsetReset.By(1), new ResetGroupOffsetsOptions { Topics = [Topic] }, cancellationToken);
        AdminResults<TopicPartition, OffsetResetStep> whole = await Admin.ResetGroupOffsetsAsync(
            "fresh", OffsetReset.ToLatest, new ResetGroupOffsetsOptions { Topics = [Topic] }, cancellationToken);

        Assert.That(shifted.Succeeded, Is.EqualTo(new[] { First }));
        Assert.That(shifted.Failures.Keys, Is.EquivalentTo(new[] { new TopicPartition(Topic, 1), new TopicPartition(Topic, 2) }));
        Assert.That(shifted.Failures.Values, Has.All.Message.Contains("has stored none"));
        Assert.That(whole.Values.Values.Select(s => (s.Before, s.After)), Is.EqualTo(Enumerable.Repeat(((long?)null, 4L), 3)));
        Assert.That((await Admin.ListGroupOffsetsAsync("fresh", cancellationToken: cancellationToken)).Values, Has.Count.EqualTo(3));
    }

    private async Task DeleteRecordsAsync(long before)
    {
        string[] address = Cluster.BootstrapServers.Split(',')[Cluster.Leader(Topic, 0) - 1].Split(':');
        await using Connection connection = await Connection.OpenAsync(
            new DnsEndPoint(address[0], int.Parse(address[1], null)), new ConnectionOptions { ClientId = "delete" }, new TcpConnector(), CancellationToken.None);
        DeleteRecordsResponse answer = await connection.SendAsync(
            new DeleteRecordsRequest { TimeoutMs = 10_000, Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = before }] }] }, CancellationToken.None);
        Assert.That(answer.Topics[0].Partitions[0].ErrorCode, Is.EqualTo(ErrorCode.None));
    }
}
