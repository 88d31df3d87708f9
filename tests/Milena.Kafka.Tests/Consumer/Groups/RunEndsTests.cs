using System.Collections.Concurrent;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What becomes of handlers, and of records that they or the policy have in work, when partitions go, the position moves, or the run ends.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RunEndsTests : GroupTest, IDisposable
{
    private const string Elsewhere = "orders.elsewhere";

    private readonly RecordingLoggerFactory _log = new();
    private readonly ConcurrentQueue<long> _done = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunEndsTests(GroupProtocol protocol) => Protocol = protocol;

    public void Dispose() => _log.Dispose();

    [Test]
    public async Task A_partition_that_is_lost_while_its_record_is_sent_on_does_not_end_the_run([Values] bool isRetry, CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.CreateTopic(Elsewhere, 1);
        await StoreAllAsync(1, 0, 3);
        using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { Topic = Elsewhere });
        FailurePolicy policy = isRetry ? FailurePolicy.RetryTopic(Elsewhere, 1, TimeSpan.Zero) : FailurePolicy.DeadLetter(Elsewhere);
        int failures = 0;
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            (record, _) => record.Offset == 1 && Interlocked.Increment(ref failures) == 1 ? throw new FormatException("no") : Finish(record.Offset, 3),
            new RunOptions { OnFailure = policy },
            stop.Token);
        await hold.WaitForAsync(1, cancellationToken);
        Cluster.FailNext(HeartbeatApi, IsClassic ? ErrorCode.IllegalGeneration : ErrorCode.FencedMemberEpoch);
        await EndAsync(run, stop, cancellationToken);

        Assert.That(failures, Is.EqualTo(2), "the record came again");
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public async Task What_a_handler_throws_once_its_partition_is_lost_is_no_failure(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        int calls = 0;
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Offset == 1 && Interlocked.Increment(ref calls) == 1)
                {
                    _reached.SetResult();
                    await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    throw new FormatException("torn down");
                }

                await Finish(record.Offset, 3);
            },
            cancellationToken: stop.Token);
        await _reached.Task.WaitAsync(cancellationToken);
        Cluster.FailNext(HeartbeatApi, IsClassic ? ErrorCode.IllegalGeneration : ErrorCode.FencedMemberEpoch);
        await EndAsync(run, stop, cancellationToken);

        Assert.That(calls, Is.EqualTo(2));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public async Task A_handler_that_gives_up_by_the_callers_token_has_not_failed(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, _) =>
            {
                if (record.Offset == 1)
                {
                    _reached.SetResult();
                    await Task.Delay(Timeout.Infinite, stop.Token);
                }
            },
            new RunOptions { OnFailure = FailurePolicy.Skip },
            stop.Token);
        await _reached.Task.WaitAsync(cancellationToken);
        await stop.CancelAsync();
        await run;

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 1 }), "it is not skipped, it comes again");
    }

    [Test]
    public async Task A_handler_that_fails_while_the_run_stops_is_told(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, _) =>
            {
                _reached.SetResult();
                await _gate.Task;
                throw new FormatException("no");
            },
            cancellationToken: stop.Token);
        await _reached.Task.WaitAsync(cancellationToken);
        Task stopping = stop.CancelAsync();
        _gate.SetResult();
        await stopping;

        Assert.That((await Assert.ThrowsAsync<ProcessingException>(() => run))!.Offset, Is.Zero);
        Assert.That(await CommittedAsync(1), Has.All.AtMost(0L));
    }

    [Test]
    public async Task A_pause_before_the_next_attempt_ends_with_the_run(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using KafkaClient kafka = CreateLoggingClient();
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            (record, _) => record.Offset == 1 ? throw new FormatException("no") : default,
            new RunOptions { OnFailure = FailurePolicy.Retry(3, TimeSpan.FromHours(1)) },
            stop.Token);
        await _log.WhenLoggedAsync(444).WaitAsync(cancellationToken);
        await stop.CancelAsync();
        await run;

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public async Task A_seek_makes_void_what_is_in_work_and_the_run_goes_on_there(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch =>
        {
            for (int i = 0; i < 20; i++)
            {
                batch.TryAppend(1000 + i, Utf8(i == 7 ? "other" : "same"), Utf8($"v{i}"));
            }
        });
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, _) =>
            {
                if (record.Offset == 7)
                {
                    _reached.SetResult();
                }

                if (record.Offset < 8)
                {
                    await _gate.Task;
                }

                await Finish(record.Offset, 7);
            },
            new RunOptions { Parallelism = 2, MaxInFlight = 8, Ordering = ProcessingOrder.Key },
            stop.Token);

        // The first and the eighth run, the others wait behind the first, and the partition is held back since it has its share in work.
        await _reached.Task.WaitAsync(cancellationToken);
        consumer.Seek(First, StartPosition.At(15));
        _gate.SetResult();
        await EndAsync(run, stop, cancellationToken);

        Assert.That(_done.Order(), Is.EqualTo(new long[] { 0, 7, 15, 16, 17, 18, 19 }), "what ran has ended, what waited has not begun");
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 20 }));
    }

    [Test]
    public async Task A_handler_may_seek_its_own_partition_back(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        bool hasSought = false;
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            (record, token) =>
            {
                if (record.Offset == 3 && !hasSought)
                {
                    hasSought = true;
                    consumer.Seek(First, StartPosition.At(1));
                }

                return Finish(record.Offset, 8);
            },
            cancellationToken: stop.Token);
        await EndAsync(run, stop, cancellationToken);

        Assert.That(_done, Is.EqualTo(new long[] { 0, 1, 2, 3, 1, 2, 3, 4 }));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 5 }));
    }

    [Test]
    public async Task A_revoked_partition_goes_without_handlers_that_do_not_end_in_time_and_its_record_comes_again(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 3);
        var tokens = new ConcurrentQueue<CancellationToken>();
        var heldAtRevocation = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = new Listener { Going = () => heldAtRevocation.TrySetResult(tokens.Any(t => t.IsCancellationRequested)) };
        await using Consumer<string, string> slow = CreateConsumer(Options(o =>
        {
            o.RebalanceTimeout = TimeSpan.FromMilliseconds(500);
            o.RebalanceListener = listener;
        }));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = slow.RunAsync(
            async (record, token) =>
            {
                tokens.Enqueue(token);
                if (tokens.Count == 2)
                {
                    _reached.TrySetResult();
                }

                await Task.Delay(Timeout.Infinite, token);
            },
            new RunOptions { Parallelism = 2 },
            stop.Token);
        await _reached.Task.WaitAsync(cancellationToken);
        await using GroupMemberRig other = Member("other", o => o.RebalanceTimeout = TimeSpan.FromMilliseconds(500)).Start();
        await other.UntilAsync(m => Seen.Count >= 3, cancellationToken);

        Assert.That(await heldAtRevocation.Task.WaitAsync(cancellationToken), "the handlers were told before the partition went");
        await stop.CancelAsync();
        await slow.DisposeAsync();
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await other.UntilAsync(_ => Seen.Select(s => (s.Partition, s.Offset)).Distinct().Count() == 6, cancellationToken);
        AssertAllSeen(2, 3);
    }

    [Test]
    public async Task A_handler_that_ignores_its_token_does_not_hold_up_the_end_and_is_not_committed(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        await using KafkaClient kafka = CreateLoggingClient();
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, _) =>
            {
                if (record.Offset == 1)
                {
                    _reached.SetResult();
                    await _gate.Task;
                    _enough.SetResult();
                }
            },
            new RunOptions { StopTimeout = TimeSpan.FromMilliseconds(1) },
            stop.Token);
        await _reached.Task.WaitAsync(cancellationToken);
        await stop.CancelAsync();
        await run;

        Assert.That(_log.Of(447), Has.Length.EqualTo(1));
        _gate.SetResult();
        await _enough.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public async Task Closing_ends_the_run_though_all_room_is_taken_by_handlers_that_ignore_their_token([Values] bool isMember, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Consumer<string, string> consumer = CreateConsumer(isMember ? Options() : new ConsumerOptions());
        if (!isMember)
        {
            consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        }

        Task run = consumer.RunAsync(
            async (_, _) =>
            {
                _reached.SetResult();
                await _gate.Task;
            },
            new RunOptions { Parallelism = 1, MaxInFlight = 1, StopTimeout = TimeSpan.FromDays(1) },
            cancellationToken);
        await _reached.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();

        await Assert.CatchAsync<ObjectDisposedException>(() => run.WaitAsync(cancellationToken));
        _gate.SetResult();
    }

    [Test]
    public async Task Closing_a_consumer_that_assigns_by_hand_tells_its_handlers_and_commits_what_is_finished(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Consumer<string, string> consumer = CreateConsumer(new ConsumerOptions { GroupId = Group });
        consumer.Assign(new PartitionStart(First, StartPosition.Committed));
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Offset == 2)
                {
                    _reached.SetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }
            },
            new RunOptions { StopTimeout = TimeSpan.FromDays(1) },
            cancellationToken);
        await _reached.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();

        await Assert.CatchAsync<ObjectDisposedException>(() => run.WaitAsync(cancellationToken));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 2 }));
    }

    [Test]
    public async Task A_run_within_whose_handler_the_consumer_is_closed_ends(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        Consumer<string, string> consumer = CreateConsumer(Options());

        await Assert.CatchAsync<ObjectDisposedException>(() => consumer.RunAsync(async (_, _) => await consumer.DisposeAsync(), cancellationToken: cancellationToken));
        Assert.That(CountLeaves(), Is.EqualTo(1));
    }

    private KafkaClient CreateLoggingClient() => new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, LoggerFactory = _log });

    private ValueTask Finish(long offset, int count)
    {
        _done.Enqueue(offset);
        if (_done.Count == count)
        {
            _enough.TrySetResult();
        }

        return default;
    }

    private async Task EndAsync(Task run, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        await Task.WhenAny(run, _enough.Task.WaitAsync(cancellationToken));
        await stop.CancelAsync();
        await run;
    }

    private sealed class Listener : IRebalanceListener
    {
        public required Action Going { get; init; }

        public ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            Going();
            return default;
        }
    }
}
