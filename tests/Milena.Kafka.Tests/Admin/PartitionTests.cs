using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Elections, moves, log directories and offsets, end to end.</summary>
public class PartitionTests : AdminTest
{
    private const string FirstDir = "/data/a";
    private const string SecondDir = "/data/b";

    private static readonly TopicPartition Orders = new("orders", 0);

    protected override void Configure(TestClusterOptions options) => options.LogDirs = [FirstDir, SecondDir];

    [Test]
    public async Task The_preferred_leader_leads_again_after_an_election()
    {
        await CreateAsync([1, 2, 3]);
        await Cluster.StopBrokerAsync(1);
        Assert.That(CodeOf(await ElectAsync(ElectionType.Preferred, Orders), Orders), Is.EqualTo(ErrorCode.PreferredLeaderNotAvailable));
        await Cluster.StartBrokerAsync(1);
        int epoch = Cluster.LeaderEpoch("orders", 0);
        Assert.That(Cluster.Leader("orders", 0), Is.EqualTo(2));

        AdminOutcome<TopicPartition> elected = await ElectAsync(ElectionType.Preferred, Orders, new TopicPartition("orders", 9), new TopicPartition("nowhere", 0));

        Assert.That(elected.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(elected.Failures.Values.Select(failure => failure.Code), Is.EqualTo(new[] { ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition }));
        Assert.That((Cluster.Leader("orders", 0), Cluster.LeaderEpoch("orders", 0)), Is.EqualTo((1, epoch + 1)));
        Assert.That(CodeOf(await ElectAsync(ElectionType.Preferred, Orders), Orders), Is.EqualTo(ErrorCode.ElectionNotNeeded));
    }

    [Test]
    public async Task An_election_everywhere_tells_only_where_something_was_to_be_done()
    {
        await CreateAsync([1, 2], [2, 3], [3, 1]);
        await Cluster.StopBrokerAsync(1);
        await Cluster.StartBrokerAsync(1);

        AdminOutcome<TopicPartition> elected = await Admin.ElectLeadersAsync(ElectionType.Preferred, cancellationToken: Bound);

        Assert.That(elected.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(elected.Failures, Is.Empty);
    }

    [Test]
    public async Task A_replica_that_missed_records_leads_only_by_an_unclean_election()
    {
        await CreateAsync([1, 2]);
        await Cluster.StopBrokerAsync(2);
        await Cluster.StopBrokerAsync(1);
        await Cluster.StartBrokerAsync(2);
        Assert.That(Cluster.Leader("orders", 0), Is.EqualTo(-1), "broker 2 was out of sync as broker 1 stopped");

        AdminOutcome<TopicPartition> elected = await ElectAsync(ElectionType.Unclean, Orders);

        Assert.That(elected.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(Cluster.Leader("orders", 0), Is.EqualTo(2));
        Assert.That(CodeOf(await ElectAsync(ElectionType.Unclean, Orders), Orders), Is.EqualTo(ErrorCode.ElectionNotNeeded));
    }

    [Test]
    public async Task Old_brokers_know_no_unclean_election()
    {
        await CreateAsync([1, 2]);
        Cluster.MaxVersion(ApiKey.ElectLeaders, 0);

        Assert.That(async () => await ElectAsync(ElectionType.Unclean, Orders), Throws.TypeOf<UnsupportedVersionException>());
        Assert.That(CodeOf(await ElectAsync(ElectionType.Preferred, Orders), Orders), Is.EqualTo(ErrorCode.ElectionNotNeeded));
    }

    [Test]
    public async Task A_partition_moves_with_its_leader_and_its_records()
    {
        await CreateAsync([1, 2]);
        await ProduceAsync("orders", ("k", "before"));

        AdminOutcome<TopicPartition> moved = await MoveAsync((Orders, [3, 1]));

        Assert.That(moved.Succeeded, Is.EqualTo(new[] { Orders }));
        PartitionDescription partition = (await Admin.DescribeTopicsAsync(["orders"], cancellationToken: Bound))["orders"].Partitions[0];
        Assert.That((partition.Replicas, partition.Leader), Is.EqualTo((new[] { 3, 1 }, 1)), "a leader that stays a replica goes on leading");
        (await MoveAsync((Orders, [3]))).ThrowIfAnyFailed();
        Assert.That(Cluster.Leader("orders", 0), Is.EqualTo(3));
        await ProduceAsync("orders", ("k", "after"));
        Assert.That(Stored("orders"), Is.EqualTo(new[] { "0:k=before", "1:k=after" }));
        Assert.That(await Admin.ListPartitionReassignmentsAsync(cancellationToken: Bound), Is.Empty);
    }

    [Test]
    public async Task A_move_waits_for_a_broker_that_is_down()
    {
        await CreateAsync([1, 2]);
        await Cluster.StopBrokerAsync(3);

        (await MoveAsync((Orders, [3, 1]))).ThrowIfAnyFailed();

        PartitionReassignment move = (await Admin.ListPartitionReassignmentsAsync([Orders, new TopicPartition("orders", 9)], cancellationToken: Bound)).Single().Value;
        Assert.That((move.Replicas, move.AddingReplicas, move.RemovingReplicas), Is.EqualTo((new[] { 3, 1, 2 }, new[] { 3 }, new[] { 2 })));
        await Cluster.StartBrokerAsync(3);
        Assert.That(await Admin.ListPartitionReassignmentsAsync(cancellationToken: Bound), Is.Empty);
        Assert.That((await Admin.DescribeTopicsAsync(["orders"], cancellationToken: Bound))["orders"].Partitions[0].Replicas, Is.EqualTo(new[] { 3, 1 }));
    }

    [Test]
    public async Task A_move_is_taken_back_while_it_is_under_way()
    {
        await CreateAsync([1, 2]);
        await Cluster.StopBrokerAsync(3);
        (await MoveAsync((Orders, [3]))).ThrowIfAnyFailed();

        (await MoveAsync((Orders, null))).ThrowIfAnyFailed();

        Assert.That(await Admin.ListPartitionReassignmentsAsync(cancellationToken: Bound), Is.Empty);
        Assert.That((await Admin.DescribeTopicsAsync(["orders"], cancellationToken: Bound))["orders"].Partitions[0].Replicas, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(CodeOf(await MoveAsync((Orders, null)), Orders), Is.EqualTo(ErrorCode.NoReassignmentInProgress));
    }

    [Test]
    public async Task A_move_that_cannot_be_fails_alone()
    {
        await CreateAsync([1, 2], [1, 2], [1, 2]);
        TopicPartition second = new("orders", 1);
        TopicPartition third = new("orders", 2);
        TopicPartition nowhere = new("nowhere", 0);

        AdminOutcome<TopicPartition> moved = await MoveAsync((Orders, [2, 1]), (second, [9]), (third, [1, 1]), (nowhere, [1]));

        Assert.That(moved.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(FailureOf(moved, second), Has.Property("Code").EqualTo(ErrorCode.InvalidReplicaAssignment).And.Message.Contains("broker 9"));
        Assert.That(FailureOf(moved, third).Message, Does.Contain("more than once"));
        Assert.That(CodeOf(moved, nowhere), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        var careful = new AlterReassignmentsOptions { AllowReplicationFactorChange = false };
        var wider = new Dictionary<TopicPartition, IReadOnlyList<int>?> { [Orders] = [1, 2, 3] };
        Assert.That(CodeOf(await Admin.AlterPartitionReassignmentsAsync(wider, careful, Bound), Orders), Is.EqualTo(ErrorCode.InvalidReplicationFactor));
        Cluster.MaxVersion(ApiKey.AlterPartitionReassignments, 0);
        await using var old = new KafkaClient(Cluster.BootstrapServers);
        Assert.That(FailureOf(await old.CreateAdmin().AlterPartitionReassignmentsAsync(wider, careful, Bound), Orders), Is.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Log_directories_are_told_by_each_broker_and_replicas_move_between_them()
    {
        await CreateAsync([1, 2]);
        await ProduceAsync("orders", ("k", "v"));
        var onFirst = new TopicPartitionReplica("orders", 0, 1);
        var onSecond = new TopicPartitionReplica("orders", 0, 2);
        var onThird = new TopicPartitionReplica("orders", 0, 3);

        AdminOutcome<TopicPartitionReplica> moved = await Admin.AlterReplicaLogDirsAsync(
            new Dictionary<TopicPartitionReplica, string> { [onFirst] = SecondDir, [onSecond] = "/nowhere", [onThird] = SecondDir }, cancellationToken: Bound);

        Assert.That(moved.Succeeded, Is.EqualTo(new[] { onFirst }));
        Assert.That((CodeOf(moved, onSecond), CodeOf(moved, onThird)), Is.EqualTo((ErrorCode.LogDirNotFound, ErrorCode.ReplicaNotAvailable)));
        AdminResults<int, IReadOnlyDictionary<string, LogDirDescription>> dirs = await Admin.DescribeLogDirsAsync([1, 2, 3], cancellationToken: Bound);
        Assert.That(dirs[1].Keys, Is.EqualTo(new[] { FirstDir, SecondDir }));
        Assert.That((dirs[1][FirstDir].Replicas.Count, dirs[1][SecondDir].Replicas[Orders].Size), Is.EqualTo((0, Cluster.Batches("orders", 0).Sum(batch => (long)batch.Bytes.Length))));
        Assert.That(dirs[2][FirstDir].Replicas.Keys, Is.EqualTo(new[] { Orders }));
        Assert.That((dirs[1][FirstDir].TotalBytes, dirs[1][FirstDir].Failure), Is.EqualTo(((long?)null, (KafkaException?)null)));
        (await MoveAsync((Orders, [3]))).ThrowIfAnyFailed();
        AdminResults<TopicPartitionReplica, ReplicaLogDirs> replicas = await Admin.DescribeReplicaLogDirsAsync([onFirst, onThird], cancellationToken: Bound);
        Assert.That((replicas[onFirst].Current, replicas[onThird]), Is.EqualTo(((string?)null, new ReplicaLogDirs(SecondDir, 0, null, -1))), "it came to where it was said to come");
    }

    [Test]
    public async Task A_broker_out_of_reach_fails_alone()
    {
        await Cluster.StopBrokerAsync(2);

        AdminResults<int, IReadOnlyDictionary<string, LogDirDescription>> dirs = await Admin.DescribeLogDirsAsync([1, 2], new AdminOptions { Timeout = TimeSpan.FromMilliseconds(500) }, Bound);

        Assert.That(dirs[1], Has.Count.EqualTo(2));
        Assert.That(FailureOf(dirs, 2), Is.TypeOf<OperationTimeoutException>());
    }

    [Test]
    public async Task Offsets_are_found_by_every_wish()
    {
        await CreateAsync([1, 2], [2, 3]);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        DateTimeOffset start = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        foreach (int minutes in (int[])[0, 20, 10])
        {
            await producer.ProduceAsync(new ProducerRecord<string, string>("orders", "k", "v") { Partition = 0, Timestamp = start.AddMinutes(minutes) }, Bound);
        }

        Assert.That(await FindAsync(OffsetSpec.Earliest), Is.EqualTo(new ListedOffset(0, null, 0)));
        Assert.That((await FindAsync(OffsetSpec.Latest)).Offset, Is.EqualTo(3));
        Assert.That(await FindAsync(OffsetSpec.MaxTimestamp), Is.EqualTo(new ListedOffset(1, start.AddMinutes(20), 0)));
        Assert.That(await FindAsync(OffsetSpec.AtTime(start.AddTicks(1))), Is.EqualTo(new ListedOffset(1, start.AddMinutes(20), 0)));
        Assert.That((await FindAsync(OffsetSpec.AtTime(start.AddMinutes(21)))).Offset, Is.Null);
        Assert.That((await FindAsync(OffsetSpec.EarliestLocal)).Offset, Is.EqualTo(0));
        Assert.That(((await FindAsync(OffsetSpec.LatestTiered)).Offset, (await FindAsync(OffsetSpec.EarliestPendingUpload)).Offset), Is.EqualTo(((long?)null, (long?)null)));
    }

    [Test]
    public async Task Wishes_that_the_broker_is_too_old_for_fail_alone()
    {
        await CreateAsync([1, 2], [1, 2]);
        Cluster.MaxVersion(ApiKey.ListOffsets, 6);
        TopicPartition second = new("orders", 1);
        TopicPartition nowhere = new("nowhere", 0);

        AdminResults<TopicPartition, ListedOffset> found = await Admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec> { [Orders] = OffsetSpec.MaxTimestamp, [second] = OffsetSpec.Latest, [nowhere] = OffsetSpec.Latest }, cancellationToken: Bound);

        Assert.That(found[second].Offset, Is.EqualTo(0));
        Assert.That(FailureOf(found, Orders), Is.TypeOf<UnsupportedVersionException>().With.Message.Contains("version 7"));
        Assert.That(FailureOf(found, nowhere), Is.TypeOf<UnknownTopicException>());
    }

    [Test]
    public async Task Open_transactions_count_or_not_as_wished()
    {
        await CreateAsync([1, 2, 3]);
        await ProduceAsync("orders", ("k", "v"));
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" });
        await using ProducerTransaction<string, string> transaction = await producer.BeginTransactionAsync(Bound);
        await transaction.ProduceAsync("orders", "k", "open", Bound);

        var committed = new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadCommitted };
        Assert.That((await FindAsync(OffsetSpec.Latest)).Offset, Is.EqualTo(2));
        Assert.That((await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [Orders] = OffsetSpec.Latest }, committed, Bound))[Orders].Offset, Is.EqualTo(1));
    }

    private async Task CreateAsync(params int[][] assignments) =>
        (await Admin.CreateTopicsAsync([new NewTopic("orders") { Assignments = assignments }], cancellationToken: Bound)).ThrowIfAnyFailed();

    private Task<AdminOutcome<TopicPartition>> ElectAsync(ElectionType type, params TopicPartition[] partitions) => Admin.ElectLeadersAsync(type, partitions, cancellationToken: Bound);

    private Task<AdminOutcome<TopicPartition>> MoveAsync(params (TopicPartition Partition, int[]? Target)[] moves) =>
        Admin.AlterPartitionReassignmentsAsync(moves.ToDictionary(move => move.Partition, move => (IReadOnlyList<int>?)move.Target), cancellationToken: Bound);

    private async Task<ListedOffset> FindAsync(OffsetSpec spec) =>
        (await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [Orders] = spec }, cancellationToken: Bound))[Orders];
}
