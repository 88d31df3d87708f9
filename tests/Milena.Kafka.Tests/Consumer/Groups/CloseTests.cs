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
    public async Task While_a_request_of_the_membership_is_not_answered([Values(ApiKey.FindCoordinator, ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.Metadata, ApiKey.ConsumerGroupHeartbeat)] ApiKey api, CancellationToken cancellationToken)
    {
        Skip(api);
        await StartAsync();
        bool isEarly = api is ApiKey.FindCoordinator or ApiKey.Metadata;
        using RequestHold hold = Cluster.Hold(api);
        GroupMemberRig member = Member("m", o => o.CloseTimeout = TimeSpan.FromSeconds(isEarly ? 1 : 8)).Start();
        await hold.WaitForAsync(1, cancellationToken);
        await member.DisposeAsync();
        Assert.That(CountLeaves(), Is.EqualTo(isEarly || (api == ApiKey.JoinGroup) ? 0 : 1));
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
    public async Task While_the_rebalance_listener_hangs(CancellationToken cancellationToken)
    {
        await StartAsync();
        var listener = new HangingListener();
        Consumer<string, string> consumer = CreateConsumer(Options(o =>
        {
            o.RebalanceListener = listener;
            o.CloseTimeout = TimeSpan.FromSeconds(1);
        }));
        Task<List<string>> reading = TakeAsync(consumer, 1, cancellationToken);
        await listener.Reached.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();
        await Assert.CatchAsync<ObjectDisposedException>(() => reading);
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
    public async Task After_its_client_and_then_the_brokers_have_gone(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var log = new RecordingLoggerFactory();
        var client = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, LoggerFactory = log });
        GroupMemberRig member = Member("m", o => o.CloseTimeout = TimeSpan.FromSeconds(1), client).Start();
        await member.UntilAsync(_ => Seen.Count == 3, cancellationToken);
        await client.DisposeAsync();
        await Cluster.StopBrokerAsync(Cluster.BrokerIds[0]);
        const int LoopFailed = 406;
        await log.WhenLoggedAsync(LoopFailed).WaitAsync(cancellationToken);
        await member.DisposeAsync();
        Assert.That(log.Of(LoopFailed), Has.Length.LessThan(10), "each loop ends once, and is not begun again");
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

    private sealed class HangingListener : IRebalanceListener
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            Reached.TrySetResult();
            await new TaskCompletionSource().Task;
        }
    }
}
