using System.Reflection;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What a user can get wrong: each is told at once, by a type of its own, in words that help.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class BadInputTests : GroupTest
{
    private readonly TestClusterOptions _clusterOptions = new() { AutoCreateTopics = false, ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(50) };

    protected override TestClusterOptions ClusterOptions => _clusterOptions;

    [Test]
    public async Task Without_a_group_there_is_nothing_to_subscribe_with_commit_to_or_start_from(CancellationToken cancellationToken)
    {
        await StartAsync();
        Assert.That(() => CreateConsumer(new ConsumerOptions { Topics = { Topic } }), Throws.ArgumentException.With.Message.Contains("no GroupId"));
        Assert.That(() => CreateConsumer(new ConsumerOptions { TopicPattern = new("orders.*") }), Throws.ArgumentException.With.Message.Contains("no GroupId"));
        Assert.That(() => CreateConsumer(new ConsumerOptions { GroupId = "" }), Throws.ArgumentException.With.Message.Contains("GroupId is empty"));
        Assert.That(() => CreateConsumer(new ConsumerOptions { GroupInstanceId = "a" }), Throws.ArgumentException.With.Message.Contains("no GroupId"));
        await using Consumer<string, string> loner = CreateConsumer();
        Assert.That(() => loner.CommitAsync([new PartitionOffset(First, 1)], cancellationToken), Throws.InvalidOperationException.With.Message.Contains("GroupId"));
        Assert.That(() => loner.GetCommittedAsync([First], cancellationToken), Throws.InvalidOperationException.With.Message.Contains("GroupId"));
        Assert.That(() => loner.Assign(new PartitionStart(First, StartPosition.Committed)), Throws.ArgumentException.With.Message.Contains("GroupId"));
    }

    [Test]
    public async Task Who_subscribes_cannot_assign_by_hand(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> member = CreateConsumer(Options());
        Assert.That(() => member.Assign(new PartitionStart(First, StartPosition.Beginning)), Throws.InvalidOperationException.With.Message.Contains("subscribes"));
        Assert.That(() => member.AssignTopicAsync(Topic, StartPosition.Beginning, cancellationToken), Throws.InvalidOperationException.With.Message.Contains("subscribes"));
        Assert.That(() => member.ConsumeToEndAsync(cancellationToken), Throws.InvalidOperationException.With.Message.Contains("member of a group"));
    }

    [Test]
    public async Task An_assignor_that_the_brokers_do_not_have_is_named(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer(OptionsOf(GroupProtocol.Consumer, o => o.GroupRemoteAssignor = "best"));
        GroupException fault = (await Assert.CatchAsync<GroupException>(() => TakeAsync(consumer, 1, cancellationToken)))!;
        Assert.That((fault.Code, fault.GroupId), Is.EqualTo((ErrorCode.UnsupportedAssignor, Group)));
        Assert.That(fault.Message, Does.Contain("GroupRemoteAssignor").And.Contains("group.consumer.assignors"));
    }

    [Test]
    public async Task An_assignor_that_the_other_members_do_not_have_is_told(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = Member("m", o => Only(o, PartitionAssignors.Range)).Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => Only(o, PartitionAssignors.Sticky)));
        GroupException fault = (await Assert.CatchAsync<GroupException>(() => TakeAsync(consumer, 1, cancellationToken)))!;
        Assert.That(fault.Code, Is.EqualTo(ErrorCode.InconsistentGroupProtocol));
        Assert.That(fault.Message, Does.Contain("Assignors"));
    }

    [Test]
    public async Task A_protocol_that_the_group_does_not_speak_is_told(CancellationToken cancellationToken)
    {
        // The other way round there is nothing to refuse: brokers take classic members into a group of the new protocol.
        _clusterOptions.GroupMigration = GroupMigrationPolicy.Disabled;
        await StartAsync();
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(OptionsOf(GroupProtocol.Consumer));
        GroupException fault = (await Assert.CatchAsync<GroupException>(() => TakeAsync(consumer, 1, cancellationToken)))!;
        Assert.That((fault.Code, fault.GroupId), Is.EqualTo((ErrorCode.GroupIdNotFound, Group)));
        Assert.That(fault.Message, Does.Contain("GroupProtocol").And.Contains("group.consumer.migration.policy"));
    }

    [Test]
    public async Task A_topic_that_is_deleted_under_an_assignment_is_named([Values] bool isMember, CancellationToken cancellationToken)
    {
        await StartAsync(apiTimeout: TimeSpan.FromMilliseconds(500));
        await StoreAllAsync(1, 0, 3);
        if (isMember)
        {
            await using GroupMemberRig member = Member("m", o => o.RebalanceListener = null).Start();
            await member.UntilAsync(m => m.Owned.Count == 1 && Seen.Count == 3, cancellationToken);
            Cluster.DeleteTopic(Topic);
            await member.UntilAsync(m => m.Owned.Count == 0, cancellationToken);
            Assert.That(member.Loop.IsCompleted, Is.False, "a member reads what other topics it has, and this one if it is made again");
            return;
        }

        await using Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = Group });
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        await TakeAsync(consumer, 3, cancellationToken);
        Cluster.DeleteTopic(Topic);
        UnknownTopicException gone = (await Assert.CatchAsync<UnknownTopicException>(() => TakeAsync(consumer, 2, cancellationToken)))!;
        Assert.That(gone.Topic, Is.EqualTo(Topic));
        KafkaException refused = (await Assert.CatchAsync<KafkaException>(() => consumer.CommitAsync([new PartitionOffset(First, 2)], cancellationToken)))!;
        Assert.That(refused.Message, Does.Contain(Topic));
    }

    [Test]
    public async Task A_negative_offset_is_refused(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        Assert.That(() => StartPosition.At(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => StartPosition.Ago(TimeSpan.FromSeconds(-1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => StartPosition.AtTimestamp(DateTimeOffset.UnixEpoch.AddDays(-1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => consumer.CommitAsync([new PartitionOffset(First, -1)], cancellationToken), Throws.ArgumentException.With.Message.Contains("negative"));
        Assert.That(() => consumer.CommitAsync([new PartitionOffset(new TopicPartition(Topic, -1), 1)], cancellationToken), Throws.ArgumentException);
        Assert.That(() => consumer.CommitAsync([new PartitionOffset(First, 1), new PartitionOffset(First, 2)], cancellationToken), Throws.ArgumentException.With.Message.Contains("twice"));
        Assert.That(() => consumer.GetWatermarksAsync(new TopicPartition("", 0), cancellationToken), Throws.ArgumentException);
    }

    [Test]
    public async Task What_is_not_owned_cannot_be_committed_moved_or_paused([Values(GroupProtocol.Classic, GroupProtocol.Consumer)] GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 1);
        await using Consumer<string, string> consumer = CreateConsumer(OptionsOf(protocol, o => o.AutoCommit = AutoCommitMode.Manual));
        await TakeAsync(consumer, 1, cancellationToken);
        var other = new TopicPartition(Topic, 7);
        CommitRefusedException refused = (await Assert.CatchAsync<CommitRefusedException>(() => consumer.CommitAsync([new PartitionOffset(First, 1), new PartitionOffset(other, 1)], cancellationToken)))!;
        Assert.That((refused.Refusal, refused.Partitions.Single()), Is.EqualTo((CommitRefusal.NotOwned, other)));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { -1 }), "nor is what stood beside it");
        Assert.That(() => consumer.Seek(other, StartPosition.End), Throws.InvalidOperationException.With.Message.Contains("not assigned"));
        Assert.That(() => consumer.Pause(other), Throws.InvalidOperationException.With.Message.Contains("not assigned"));
        Assert.That(() => consumer.Position(other), Throws.InvalidOperationException);
        Assert.That(() => consumer.GetLag(other), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Nothing_works_once_it_is_closed()
    {
        await StartAsync();
        Consumer<string, string> consumer = CreateConsumer(Options(o => o.AutoCommit = AutoCommitMode.Manual));
        await consumer.DisposeAsync();
        Consumer<string, string> loner = CreateConsumer();
        await loner.DisposeAsync();
        (string Method, Func<Task> Call)[] calls =
        [
            (nameof(consumer.Assign), () => Do(() => consumer.Assign())),
            (nameof(consumer.AssignTopicAsync), () => consumer.AssignTopicAsync(Topic, StartPosition.End)),
            (nameof(consumer.GetPartitionsAsync), () => consumer.GetPartitionsAsync(Topic)),
            (nameof(consumer.Seek), () => Do(() => consumer.Seek(First, StartPosition.End))),
            (nameof(consumer.Position), () => Do(() => consumer.Position(First))),
            (nameof(consumer.GetLag), () => Do(() => consumer.GetLag(First))),
            (nameof(consumer.GetWatermarksAsync), () => consumer.GetWatermarksAsync(First)),
            (nameof(consumer.GetOffsetAsync), () => consumer.GetOffsetAsync(First, StartPosition.End)),
            (nameof(consumer.GetOffsetsAsync), () => consumer.GetOffsetsAsync([First], StartPosition.End)),
            (nameof(consumer.ConsumeAsync), async () => await consumer.ConsumeAsync().GetAsyncEnumerator().MoveNextAsync()),
            (nameof(consumer.ConsumeToEndAsync), async () => await loner.ConsumeToEndAsync().GetAsyncEnumerator().MoveNextAsync()),
            (nameof(consumer.ConsumeBatchesAsync), async () => await consumer.ConsumeBatchesAsync().GetAsyncEnumerator().MoveNextAsync()),
            (nameof(consumer.RunAsync), () => consumer.RunAsync((_, _) => default)),
            (nameof(consumer.CommitAsync), () => consumer.CommitAsync([new PartitionOffset(First, 1)])),
            (nameof(consumer.GetCommittedAsync), () => consumer.GetCommittedAsync([First])),
            (nameof(consumer.Pause), () => Do(() => consumer.Pause(First))),
            (nameof(consumer.Resume), () => Do(() => consumer.Resume(First))),
            (nameof(consumer.GetStatus), () => Do(() => consumer.GetStatus())),
        ];
        foreach ((string method, Func<Task> call) in calls)
        {
            Assert.That(call, Throws.InstanceOf<ObjectDisposedException>(), method);
        }

        IEnumerable<string> all = consumer.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && m.Name != nameof(consumer.DisposeAsync)).Select(m => m.Name).Distinct();
        Assert.That(calls.Select(c => c.Method), Is.EquivalentTo(all), "no method is left out");
    }

    [Test]
    public async Task One_consumer_serves_one_loop_at_a_time(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.That(() => consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), Throws.InvalidOperationException.With.Message.Contains("Another enumeration"));
            Assert.That(() => consumer.ConsumeBatchesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), Throws.InvalidOperationException.With.Message.Contains("Another enumeration"));
            Assert.That(() => consumer.RunAsync((_, _) => default, cancellationToken: cancellationToken), Throws.InvalidOperationException.With.Message.Contains("Another enumeration"));
            break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task run = consumer.RunAsync(
            (_, _) =>
            {
                reached.TrySetResult();
                return default;
            },
            cancellationToken: stop.Token);
        await reached.Task.WaitAsync(cancellationToken);
        Assert.That(() => consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken), Throws.InvalidOperationException);
        await stop.CancelAsync();
        await run;
    }

    [Test]
    public async Task Options_of_a_run_that_make_no_sense_are_named_in_one_message(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using Consumer<string, string> consumer = CreateConsumer();
        var options = new RunOptions { Parallelism = 0, MaxInFlight = 0, Ordering = (ProcessingOrder)9, OnFailure = null!, StopTimeout = TimeSpan.FromSeconds(-1) };

        ArgumentException fault = (await Assert.CatchAsync<ArgumentException>(() => consumer.RunAsync((_, _) => default, options, cancellationToken)))!;
        foreach (PropertyInfo option in typeof(RunOptions).GetProperties())
        {
            Assert.That(fault.Message, Does.Contain(option.Name));
        }
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private ConsumerOptions OptionsOf(GroupProtocol protocol, Action<ConsumerOptions>? change = null)
    {
        ConsumerOptions options = new() { GroupId = Group, Topics = { Topic }, GroupProtocol = protocol, CloseTimeout = TimeSpan.FromSeconds(10) };
        change?.Invoke(options);
        return options;
    }
}
