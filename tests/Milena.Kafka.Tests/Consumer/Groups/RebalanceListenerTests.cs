using System.Collections.Concurrent;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>When the rebalance listener is called, in which order, what it may do, and how long it may take.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class RebalanceListenerTests : GroupTest
{
    private readonly Recorder _listener = new();

    public RebalanceListenerTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task What_goes_is_told_before_what_comes_and_one_call_at_a_time(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 4);
        await using GroupMemberRig a = Member("a", o => o.RebalanceListener = _listener).Start();
        await _listener.UntilAsync(calls => calls.Count == 1, cancellationToken);
        await using GroupMemberRig b = Member("b").Start();
        await b.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        await _listener.UntilAsync(_ => _listener.Owned.Count == 2, cancellationToken);
        await b.DisposeAsync();
        await _listener.UntilAsync(_ => _listener.Owned.Count == 4, cancellationToken);
        await a.DisposeAsync();

        Assert.That(_listener.Calls, Has.None.StartsWith("lost"));
        Assert.That(_listener.Calls[0], Is.EqualTo("assigned 0 1 2 3"));
        Assert.That(_listener.Calls[1], Does.StartWith("revoked "), "before it can be given to the other");
        Assert.That(_listener.Calls[^1], Is.EqualTo("revoked 0 1 2 3"), "it closes");
        Assert.That(_listener.HasClashed, Is.False);
    }

    [Test]
    public async Task The_loop_ends_with_a_fault_when_the_listener_has_been_told_what_was_lost(CancellationToken cancellationToken)
    {
        await StartAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _listener.Losing = _ => gate.Task;
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.RebalanceListener = _listener));
        Task reading = TakeAsync(consumer, 1, cancellationToken);
        await _listener.UntilAsync(calls => calls.Count == 1, cancellationToken);
        Cluster.FailNext(HeartbeatApi, ErrorCode.GroupAuthorizationFailed);
        await _listener.UntilAsync(calls => calls.Contains("lost 0"), cancellationToken);

        Assert.That(reading.IsCompleted, Is.False, "the listener has not returned");
        gate.SetResult();
        await Assert.CatchAsync<AuthorizationException>(() => reading);
    }

    [Test]
    public async Task A_listener_that_hangs_holds_up_a_fault_for_the_rebalance_time_out_only(CancellationToken cancellationToken)
    {
        await StartAsync();
        _listener.Losing = token => Task.Delay(Timeout.Infinite, CancellationToken.None);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => (o.RebalanceListener, o.RebalanceTimeout) = (_listener, TimeSpan.FromMilliseconds(200))));
        Task reading = TakeAsync(consumer, 1, cancellationToken);
        await _listener.UntilAsync(calls => calls.Count == 1, cancellationToken);
        Cluster.FailNext(HeartbeatApi, ErrorCode.GroupAuthorizationFailed);

        await Assert.CatchAsync<AuthorizationException>(() => reading);
        Assert.That(_listener.Calls[^1], Is.EqualTo("lost 0"));
    }

    [Test]
    public async Task Its_token_is_set_off_when_the_rebalance_time_out_is_over(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 1);
        _listener.Assigning = token => Task.Delay(Timeout.Infinite, token);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => (o.RebalanceListener, o.RebalanceTimeout) = (_listener, TimeSpan.FromMilliseconds(200))));

        Assert.That(await TakeAsync(consumer, 1, cancellationToken), Is.EqualTo(Values(0, 1)), "the group goes on without it, and it did nothing wrong");
    }

    [Test]
    public async Task It_may_commit_and_seek_from_within_each_call(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 10);
        Consumer<string, string>? consumer = null;
        var refused = new TaskCompletionSource<CommitRefusedException>(TaskCreationOptions.RunContinuationsAsynchronously);
        _listener.Assigning = async _ =>
        {
            await consumer!.CommitAsync([new PartitionOffset(First, 2)], cancellationToken);
            consumer.Seek(First, StartPosition.At(8));
        };
        _listener.Losing = async _ => refused.SetResult((await Assert.CatchAsync<CommitRefusedException>(() => consumer!.CommitAsync([new PartitionOffset(First, 9)], cancellationToken)))!);
        _listener.Revoking = async _ =>
        {
            consumer!.Seek(First, StartPosition.At(0));
            await consumer.CommitAsync([new PartitionOffset(First, 5)], cancellationToken);
        };
        await using (consumer = CreateConsumer(Options(o => (o.RebalanceListener, o.AutoCommit) = (_listener, AutoCommitMode.Manual))))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task<List<ConsumeResult<string, string>>> reading = TakeRecordsAsync(consumer, 24, stop.Token);
            await _listener.UntilAsync(calls => calls.Count == 1, cancellationToken);
            Cluster.FailNext(HeartbeatApi, IsClassic ? ErrorCode.IllegalGeneration : ErrorCode.FencedMemberEpoch);
            Assert.That((await refused.Task.WaitAsync(cancellationToken)).Refusal, Is.EqualTo(CommitRefusal.NotOwned));
            await _listener.UntilAsync(calls => calls.Count == 3, cancellationToken);
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Assert.That((await CommittedAsync(2))[0], Is.EqualTo(5), "committed while it was revoked");
        Assert.That(_listener.Calls, Is.EqualTo(new[] { "assigned 0 1", "lost 0 1", "assigned 0 1", "revoked 0 1" }));
    }

    /// <summary>Notes its calls, and does in each what a test wants.</summary>
    private sealed class Recorder : IRebalanceListener
    {
        private readonly GroupLog _log = new();
        private readonly ConcurrentQueue<string> _calls = new();
        private readonly ConcurrentDictionary<TopicPartition, bool> _owned = new();
        private int _running;

        public Func<CancellationToken, Task>? Assigning { get; set; }

        public Func<CancellationToken, Task>? Revoking { get; set; }

        public Func<CancellationToken, Task>? Losing { get; set; }

        public IReadOnlyList<string> Calls => [.. _calls];

        public ICollection<TopicPartition> Owned => _owned.Keys;

        public bool HasClashed { get; private set; }

        public async Task UntilAsync(Func<IReadOnlyList<string>, bool> isEnough, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed = _log.Changed;
                if (isEnough(Calls))
                {
                    return;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }

        public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            partitions.ToList().ForEach(p => _owned.TryAdd(p, true));
            return NoteAsync("assigned", partitions, Assigning, cancellationToken);
        }

        public ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            partitions.ToList().ForEach(p => _owned.TryRemove(p, out _));
            return NoteAsync("revoked", partitions, Revoking, cancellationToken);
        }

        public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            partitions.ToList().ForEach(p => _owned.TryRemove(p, out _));
            return NoteAsync("lost", partitions, Losing, cancellationToken);
        }

        private async ValueTask NoteAsync(string call, IReadOnlyList<TopicPartition> partitions, Func<CancellationToken, Task>? act, CancellationToken cancellationToken)
        {
            HasClashed |= Interlocked.Increment(ref _running) > 1;
            _calls.Enqueue($"{call} {string.Join(' ', partitions.Select(p => p.Partition).Order())}".TrimEnd());
            _log.Pulse();
            await (act?.Invoke(cancellationToken) ?? Task.Run(static () => { }, CancellationToken.None));
            Interlocked.Decrement(ref _running);
        }
    }
}
