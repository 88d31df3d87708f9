using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Closing a member from every state it may be in: it ends, and it is out of the group.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class CloseTests : GroupTest
{
    /// <summary>Longer than any test may take: closing must end for another reason.</summary>
    private static readonly TimeSpan Eternity = TimeSpan.FromDays(1);

    public CloseTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task Before_it_has_read_anything()
    {
        await StartAsync();
        Consumer<string, string> consumer = CreateConsumer(Options());
        await consumer.DisposeAsync();
        Assert.That(Cluster.ReceivedCount(ApiKey.JoinGroup) + Cluster.ReceivedCount(ApiKey.ConsumerGroupHeartbeat), Is.Zero);
    }

    [Test]
    public async Task While_a_request_of_the_membership_is_not_answered(
        [Values(ApiKey.FindCoordinator, ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.Metadata, ApiKey.ConsumerGroupHeartbeat)] ApiKey api, [Values] bool isStatic, CancellationToken cancellationToken)
    {
        Skip(api);
        await StartAsync();
        using RequestHold hold = Cluster.Hold(api);

        // By the same request it would leave, so that nothing can end that but the time-out.
        TimeSpan limit = api == ApiKey.ConsumerGroupHeartbeat ? TimeSpan.FromSeconds(1) : Eternity;
        GroupMemberRig member = Member("m", o => (o.CloseTimeout, o.GroupInstanceId) = (limit, isStatic ? "a" : null)).Start();
        await hold.WaitForAsync(1, cancellationToken);
        await member.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        bool isMember = api is not (ApiKey.FindCoordinator or ApiKey.Metadata or ApiKey.JoinGroup);
        Assert.That(CountLeaves(), Is.EqualTo(isMember && !isStatic ? 1 : 0));
    }

    [Test]
    public async Task While_it_waits_for_the_others_to_join(CancellationToken cancellationToken)
    {
        Assume.That(IsClassic, "nobody waits for others in the new protocol");
        await StartAsync(partitions: 2);
        await StoreAllAsync(1, 0, 1);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using GroupMemberRig a = Member("a");
        a.Handler = _ => busy.Task;
        a.Start();
        await a.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);
        GroupMemberRig b = Member("b").Start();
        await Cluster.WaitForAsync(ApiKey.JoinGroup, 4, cancellationToken);
        await b.DisposeAsync();
        Assert.That(CountLeaves(), Is.EqualTo(1));
        busy.SetResult();
        await a.UntilAsync(m => m.Owned.Count == 2 && Seen.Count == 1, cancellationToken);
    }

    [Test]
    public async Task While_its_loop_is_busy_with_a_record(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        GroupMemberRig member = Member("m");
        member.Handler = record =>
        {
            reached.TrySetResult();
            return record.Offset == 1 ? busy.Task : Task.CompletedTask;
        };
        member.Start();
        await member.UntilAsync(_ => Seen.Count == 1, cancellationToken);
        await member.Consumer.DisposeAsync();
        Assert.That(CountLeaves(), Is.EqualTo(1));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 1 }));
        busy.SetResult();
        await Assert.CatchAsync<ObjectDisposedException>(() => member.Loop.WaitAsync(cancellationToken));
    }

    [Test]
    public async Task Within_its_own_loop(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Consumer<string, string> consumer = CreateConsumer(Options());
        await Assert.CatchAsync<ObjectDisposedException>(async () =>
        {
            await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
            {
                await consumer.DisposeAsync();
            }
        });
        Assert.That(CountLeaves(), Is.EqualTo(1));
    }

    [Test]
    public async Task While_the_rebalance_listener_hangs([Values] bool isBlocking, [Values] bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync();
        using var listener = new HangingListener(isBlocking);
        Consumer<string, string> consumer = CreateConsumer(Options(o =>
        {
            o.RebalanceListener = listener;
            o.GroupInstanceId = isStatic ? "a" : null;
            o.CloseTimeout = TimeSpan.FromSeconds(4);
        }));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await listener.Reached.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();
        await Assert.CatchAsync<ObjectDisposedException>(() => reading);
        Assert.That(CountLeaves(), Is.EqualTo(isStatic ? 0 : 1), "some of the time is left to leave the group");
    }

    [Test]
    public async Task In_a_long_poll([Values] bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync();
        Consumer<string, string> consumer = CreateConsumer(Options(o => (o.FetchMaxWait, o.CloseTimeout, o.GroupInstanceId) = (TimeSpan.FromMinutes(2), Eternity, isStatic ? "a" : null)));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);
        await consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        await Assert.CatchAsync<ObjectDisposedException>(() => reading);
        Assert.That(CountLeaves(), Is.EqualTo(isStatic ? 0 : 1));
    }

    [Test]
    public async Task While_committed_offsets_are_looked_up(CancellationToken cancellationToken)
    {
        await StartAsync();
        using RequestHold hold = Cluster.Hold(ApiKey.OffsetFetch);
        Consumer<string, string> consumer = CreateConsumer(Options(o => o.CloseTimeout = Eternity));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await hold.WaitForAsync(1, cancellationToken);
        await consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        await Assert.CatchAsync<ObjectDisposedException>(() => reading);
        Assert.That(CountLeaves(), Is.EqualTo(1));
    }

    [Test]
    public async Task While_it_waits_for_its_record_before_a_partition_can_go(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 1);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        GroupMemberRig a = Member("a", o => o.CloseTimeout = Eternity);
        a.Handler = _ =>
        {
            reached.TrySetResult();
            return busy.Task;
        };
        a.Start();
        await reached.Task.WaitAsync(cancellationToken);
        await using GroupMemberRig b = Member("b").Start();
        await Cluster.WaitForAsync(IsClassic ? ApiKey.JoinGroup : ApiKey.ConsumerGroupHeartbeat, 3, cancellationToken);
        await a.Consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        await b.UntilAsync(m => m.Owned.Count == 2 && Seen.Count == 2, cancellationToken);
        busy.SetResult();
        await Assert.CatchAsync<ObjectDisposedException>(() => a.Loop.WaitAsync(cancellationToken));
    }

    [Test]
    public async Task While_a_commit_is_not_answered([Values] bool isByHand, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        using RequestHold hold = Cluster.Hold(ApiKey.OffsetCommit);
        Consumer<string, string> consumer = CreateConsumer(Options(o => (o.CloseTimeout, o.AutoCommit) = (TimeSpan.FromSeconds(4), isByHand ? AutoCommitMode.Manual : AutoCommitMode.AtLeastOnce)));
        List<ConsumeResult<string, string>> records = await TakeRecordsAsync(consumer, 3, cancellationToken);
        Task commit = isByHand ? consumer.CommitAsync(records[0], cancellationToken: cancellationToken) : Task.CompletedTask;
        await hold.WaitForAsync(1, cancellationToken);
        await consumer.DisposeAsync();
        Assert.That(CountLeaves(), Is.EqualTo(1), "some of the time is left to leave the group");
        hold.Release();
        await commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Test]
    public async Task CloseTimeout_is_kept_when_nothing_is_answered([Values(ApiKey.OffsetCommit, ApiKey.LeaveGroup)] ApiKey api, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var time = new ManualTimeProvider();
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, TimeProvider = time });
        Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options());
        await TakeAsync(consumer, 3, cancellationToken);
        ApiKey held = api == ApiKey.LeaveGroup && !IsClassic ? ApiKey.ConsumerGroupHeartbeat : api;
        using RequestHold hold = Cluster.Hold(held, new FaultScope { Count = int.MaxValue });
        Task closing = consumer.DisposeAsync().AsTask();
        await hold.WaitForAsync(1, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(10));
        await closing.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task While_it_is_out_of_the_group_since_its_loop_takes_too_long([Values] bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        GroupMemberRig member = Member("m", o => (o.CloseTimeout, o.MaxPollInterval, o.GroupInstanceId) = (Eternity, TimeSpan.FromMilliseconds(200), isStatic ? "a" : null));
        member.Handler = _ => busy.Task;
        member.Start();
        await member.UntilAsync(m => m.Calls.Contains("lost 0"), cancellationToken);
        await member.Consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        busy.SetResult();
        await Assert.CatchAsync<ObjectDisposedException>(() => member.Loop.WaitAsync(cancellationToken));
    }

    [Test]
    public async Task After_it_was_fenced(CancellationToken cancellationToken)
    {
        await StartAsync();
        GroupMemberRig member = Member("m", o => (o.CloseTimeout, o.GroupInstanceId) = (Eternity, "a")).Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        Cluster.FailNext(HeartbeatApi, ErrorCode.FencedInstanceId);
        await Assert.CatchAsync<FencedInstanceException>(() => member.Loop.WaitAsync(cancellationToken));
        await member.Consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        Assert.That(CountLeaves(), Is.Zero, "it has nothing that it could leave");
    }

    [Test]
    public async Task While_its_cluster_was_never_there([Values] bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync();
        string address = Cluster.BootstrapServers;
        await Cluster.DisposeAsync();
        await using var kafka = new KafkaClient(address);
        Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options(o => (o.CloseTimeout, o.GroupInstanceId) = (Eternity, isStatic ? "a" : null)));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await consumer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        await Assert.CatchAsync<ObjectDisposedException>(() => reading);
    }

    [Test]
    public async Task Twice_at_a_time(CancellationToken cancellationToken)
    {
        await StartAsync();
        GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(m => m.Owned.Count == 1, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await member.Consumer.DisposeAsync(), cancellationToken)));
        await member.Consumer.DisposeAsync();
        Assert.That(CountLeaves(), Is.EqualTo(1));
    }

    [Test]
    public async Task After_the_cluster_has_gone(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 1);
        await StoreAllAsync(1, 0, 3);
        GroupMemberRig member = Member("m", o => o.CloseTimeout = TimeSpan.FromSeconds(1)).Start();
        await member.UntilAsync(_ => Seen.Count == 3, cancellationToken);
        await Cluster.StopBrokerAsync(1);
        await member.DisposeAsync();
    }

    [Test]
    public async Task After_its_client_has_gone(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var client = new KafkaClient(Cluster.BootstrapServers);
        GroupMemberRig member = Member("m", null, client).Start();
        await member.UntilAsync(_ => Seen.Count == 3, cancellationToken);
        await client.DisposeAsync();
        await member.DisposeAsync();
    }

    [Test]
    public async Task While_it_was_refused(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.FailNext(IsClassic ? ApiKey.JoinGroup : ApiKey.ConsumerGroupHeartbeat, ErrorCode.GroupAuthorizationFailed);
        Consumer<string, string> consumer = CreateConsumer(Options());
        await Assert.CatchAsync<AuthorizationException>(() => TakeAsync(consumer, 1, cancellationToken));
        await consumer.DisposeAsync();
    }

    [Test]
    public async Task A_static_member_stays_in_the_group(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using (GroupMemberRig member = Member("m", o => o.GroupInstanceId = "a").Start())
        {
            await member.UntilAsync(_ => Seen.Count == 3, cancellationToken);
        }

        Assert.That(CountLeaves(), Is.Zero);
        if (IsClassic)
        {
            Assert.That((await DescribeGroupAsync()).Members, Has.Count.EqualTo(1));
        }
        else
        {
            Assert.That(Cluster.Received<ConsumerGroupHeartbeatRequest>()[^1].MemberEpoch, Is.EqualTo(-2), "it will be back");
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    /// <summary>Never returns, by a task that does not end or by holding its thread.</summary>
    private sealed class HangingListener(bool isBlocking) : IRebalanceListener, IDisposable
    {
        private readonly ManualResetEventSlim _over = new();

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            Reached.TrySetResult();
            if (isBlocking)
            {
                _over.Wait(CancellationToken.None);
            }
            else
            {
                await new TaskCompletionSource().Task;
            }
        }

        public void Dispose() => _over.Set();
    }
}
