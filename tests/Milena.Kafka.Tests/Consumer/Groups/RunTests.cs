using System.Collections.Concurrent;
using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Processing in parallel by handlers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class RunTests : GroupTest
{
    private const string Retry = "orders.retry";
    private const string Dead = "orders.dead";

    private readonly ConcurrentQueue<(TopicPartition Partition, long Offset)> _done = new();
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task Partitions_run_beside_one_another_and_keep_their_order(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 3);
        await StoreAllAsync(3, 0, 50);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        var together = new CountdownEvent(3);
        await RunUntilAsync(consumer, new RunOptions { Parallelism = 3 }, 150, async (record, token) =>
        {
            if (record.Offset == 0)
            {
                together.Signal();
                await Task.Run(() => together.Wait(token), token);
            }
        }, cancellationToken);

        for (int partition = 0; partition < 3; partition++)
        {
            Assert.That(_done.Where(d => d.Partition.Partition == partition).Select(d => d.Offset), Is.EqualTo(Enumerable.Range(0, 50).Select(i => (long)i)));
        }

        Assert.That(await CommittedAsync(3), Is.EqualTo(new long[] { 50, 50, 50 }), "stopping commits what is finished");
    }

    [Test]
    public async Task Keys_of_one_partition_run_beside_one_another_and_each_keeps_its_order(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAsync(0, batch =>
        {
            for (int i = 0; i < 90; i++)
            {
                batch.TryAppend(1000 + i, Utf8($"k{i % 3}"), Utf8($"v{i}"));
            }
        });
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        var together = new CountdownEvent(3);
        var running = new ConcurrentDictionary<string, long>();
        var clashes = new ConcurrentQueue<long>();
        await RunUntilAsync(consumer, new RunOptions { Parallelism = 4, Ordering = ProcessingOrder.Key }, 90, async (record, token) =>
        {
            if (!running.TryAdd(record.Key, record.Offset))
            {
                clashes.Enqueue(record.Offset);
            }

            if (record.Offset < 3)
            {
                together.Signal();
                await Task.Run(() => together.Wait(token), token);
            }

            await Task.Yield();
            running.TryRemove(record.Key, out _);
        }, cancellationToken);

        Assert.That(clashes, Is.Empty, "no two of one key at a time");
        foreach (IGrouping<long, long> key in _done.Select(d => d.Offset).GroupBy(o => o % 3))
        {
            Assert.That(key, Is.Ordered);
        }

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 90 }));
    }

    [Test]
    public async Task Only_contiguous_progress_is_committed(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        var gate = new TaskCompletionSource();
        var nine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        var committed = new ConcurrentQueue<long>();
        consumer.OffsetsCommitted += (_, offsets) => committed.Enqueue(offsets[0].Offset);
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Offset == 3)
                {
                    await gate.Task.WaitAsync(token);
                }

                _done.Enqueue((record.TopicPartition, record.Offset));
                if (_done.Count == 9)
                {
                    nine.SetResult();
                }
            },
            new RunOptions { Parallelism = 4, Ordering = ProcessingOrder.Key },
            stop.Token);
        await nine.Task.WaitAsync(cancellationToken);
        Task stopping = stop.CancelAsync();
        Assert.That(committed, Has.All.AtMost(3));
        gate.SetResult();
        await stopping;
        await run;

        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 10 }));
        Assert.That(committed, Is.Ordered);
    }

    [Test]
    public async Task A_handler_that_throws_stops_the_processing_and_its_record_comes_again(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await using Consumer<string, string> consumer = CreateConsumer(Options());

        ProcessingException fault = (await Assert.ThrowsAsync<ProcessingException>(() => consumer.RunAsync(
            (record, _) => record.Offset == 4 ? throw new FormatException("no") : ValueTask.CompletedTask, cancellationToken: cancellationToken)))!;

        Assert.That((fault.Partition, fault.Offset), Is.EqualTo((First, 4L)));
        Assert.That(fault.InnerException, Is.TypeOf<FormatException>());
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 4 }));
        await RunUntilAsync(consumer, new RunOptions(), 6, null, cancellationToken);
        Assert.That(_done.Select(d => d.Offset), Is.EqualTo(new long[] { 4, 5, 6, 7, 8, 9 }));
    }

    [Test]
    public async Task A_handler_runs_again_and_then_its_record_is_skipped(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        int runs = 0;
        await using Consumer<string, string> consumer = CreateConsumer(Options());

        await RunUntilAsync(
            consumer,
            new RunOptions { OnFailure = FailurePolicy.Retry(2, TimeSpan.FromMilliseconds(1), then: FailurePolicy.Skip) },
            2,
            (record, _) => record.Offset == 1 && ++runs > 0 ? throw new FormatException() : Task.CompletedTask,
            cancellationToken);

        Assert.That(runs, Is.EqualTo(3));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public async Task A_record_rests_in_the_retry_topic_until_it_is_due_and_ends_as_a_dead_letter(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.CreateTopic(Retry, 1);
        Cluster.CreateTopic(Dead, 1);
        await StoreAllAsync(1, 0, 3);
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        TimeSpan delay = TimeSpan.FromSeconds(5);
        var reads = new ReadLog(time);
        var attempts = new ConcurrentQueue<(string Topic, TimeSpan At)>();
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, TimeProvider = time });
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = Group }, interceptors: [reads]);
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning), new PartitionStart(Retry, 0, StartPosition.Beginning));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            (record, _) =>
            {
                if (record.Value == "v1")
                {
                    attempts.Enqueue((record.Topic, time.GetUtcNow() - start));
                    throw new FormatException("no");
                }

                return ValueTask.CompletedTask;
            },
            new RunOptions { OnFailure = FailurePolicy.RetryTopic(Retry, 2, delay, FailurePolicy.DeadLetter(Dead)) },
            stop.Token);
        await reads.UntilAsync(Retry, 1, cancellationToken);
        time.Advance(delay);
        await reads.UntilAsync(Retry, 3, cancellationToken);
        time.Advance(delay);
        await Cluster.WaitForAsync(ApiKey.Produce, 4, cancellationToken);
        await stop.CancelAsync();
        await run;

        // Each is read when it has come, put back, and read again when it is due.
        Assert.That(reads.Of(Retry).Select(r => r.Offset), Is.EqualTo(new long[] { 0, 0, 1, 1 }));
        Assert.That(attempts, Is.EqualTo(new[] { (Topic, TimeSpan.Zero), (Retry, delay), (Retry, delay * 2) }));
        Assert.That(Cluster.Records(Retry, 0).Select(r => Header(r, FailureHeaders.Attempt)), Is.EqualTo(new[] { "1", "2" }));
        Testing.StoredRecord letter = Cluster.Records(Dead, 0).Single();
        Assert.That((Header(letter, FailureHeaders.Topic), Header(letter, FailureHeaders.Offset), Header(letter, FailureHeaders.Group)), Is.EqualTo((Topic, "1", Group)));
        Assert.That(letter.Headers.Select(h => h.Key), Has.None.EqualTo(FailureHeaders.Due));
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public async Task Records_in_work_are_bounded_and_a_partition_that_is_behind_does_not_stop_the_others(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        await StoreAllAsync(2, 0, 100);
        var gate = new TaskCompletionSource();
        var others = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using Consumer<string, string> consumer = CreateConsumer(Options());
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Partition == 0)
                {
                    await gate.Task.WaitAsync(token);
                }

                _done.Enqueue((record.TopicPartition, record.Offset));
                if (_done.Count == 100)
                {
                    others.SetResult();
                }

                if (_done.Count == 200)
                {
                    _enough.SetResult();
                }
            },
            new RunOptions { Parallelism = 4, MaxInFlight = 10 },
            stop.Token);
        await others.Task.WaitAsync(cancellationToken);
        Assert.That(_done.Select(d => d.Partition.Partition), Has.All.EqualTo(1));
        PartitionStatus behind = consumer.GetStatus().Partitions.Single(p => p.Partition == First);
        Assert.That((behind.PausedBy, behind.WaitingFor, behind.Position), Is.EqualTo((PauseReasons.BackPressure, PartitionWait.Handler, (long?)5)));
        gate.SetResult();
        await _enough.Task.WaitAsync(cancellationToken);
        await stop.CancelAsync();
        await run;

        Assert.That(await CommittedAsync(2), Is.EqualTo(new long[] { 100, 100 }));
    }

    [Test]
    public async Task A_handler_that_takes_too_long_has_its_token_set_off_and_its_record_comes_again(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        int firsts = 0;
        await using Consumer<string, string> consumer = CreateConsumer(Options(o =>
        {
            o.MaxPollInterval = TimeSpan.FromMilliseconds(400);
            o.RebalanceTimeout = TimeSpan.FromSeconds(5);
        }));

        await RunUntilAsync(
            consumer,
            new RunOptions(),
            3,
            (record, token) => record.Offset == 0 && Interlocked.Increment(ref firsts) == 1 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask,
            cancellationToken);

        Assert.That(_done.Select(d => d.Offset), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(firsts, Is.EqualTo(2));
    }

    [Test]
    public async Task A_revoked_partition_goes_when_its_handler_has_ended_and_nothing_is_lost(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 4);
        await StoreAllAsync(4, 0, 100);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new ConcurrentDictionary<TopicPartition, string>();
        var clashes = new ConcurrentQueue<TopicPartition>();
        Consumer<string, string>[] members = [CreateConsumer(Options()), CreateConsumer(Options()), CreateConsumer(Options())];
        var runs = new List<Task>();
        for (int i = 0; i < members.Length; i++)
        {
            string name = $"member {i}";
            runs.Add(members[i].RunAsync(
                async (record, token) =>
                {
                    if (!running.TryAdd(record.TopicPartition, name))
                    {
                        clashes.Enqueue(record.TopicPartition);
                    }

                    await Task.Yield();
                    running.TryRemove(record.TopicPartition, out _);
                    _done.Enqueue((record.TopicPartition, record.Offset));
                    if (_done.Distinct().Count() == 400)
                    {
                        _enough.TrySetResult();
                    }
                },
                new RunOptions { Parallelism = 4, MaxInFlight = 20 },
                stop.Token));
            await Task.WhenAny(runs[^1], Cluster.WaitForAsync(ApiKey.SyncGroup, i + 1, cancellationToken));
        }

        await Task.WhenAny([_enough.Task.WaitAsync(cancellationToken), .. runs]);
        await stop.CancelAsync();
        await Task.WhenAll(runs);
        await Task.WhenAll(members.Select(m => m.DisposeAsync().AsTask()));

        Assert.That(_done.Distinct().Count(), Is.EqualTo(400));
        Assert.That(clashes, Is.Empty, "no two handlers at one partition");
        Assert.That(await CommittedAsync(4), Is.EqualTo(new long[] { 100, 100, 100, 100 }));
    }

    [Test]
    public async Task Closing_ends_the_processing_and_commits_what_is_finished(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 5);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Consumer<string, string> consumer = CreateConsumer(Options());
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Offset == 2)
                {
                    reached.SetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }
            },
            cancellationToken: cancellationToken);
        await reached.Task.WaitAsync(cancellationToken);
        await consumer.DisposeAsync();

        await Assert.CatchAsync<ObjectDisposedException>(() => run);
        Assert.That(await CommittedAsync(1), Is.EqualTo(new long[] { 2 }));
    }

    private static string Header(Testing.StoredRecord record, string name) => Encoding.UTF8.GetString(record.Headers.Single(h => h.Key == name).Value!.Value.Span);

    /// <summary>Runs until so many records are done, then stops.</summary>
    private async Task RunUntilAsync(
        Consumer<string, string> consumer, RunOptions options, int count, Func<ConsumeResult<string, string>, CancellationToken, Task>? handler, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                if (handler is not null)
                {
                    await handler(record, token);
                }

                _done.Enqueue((record.TopicPartition, record.Offset));
                if (_done.Count == count)
                {
                    _enough.TrySetResult();
                }
            },
            options,
            stop.Token);
        await Task.WhenAny(run, _enough.Task.WaitAsync(cancellationToken));
        await stop.CancelAsync();
        await run;
    }

    /// <summary>Notes when which records are read, also those that are put back.</summary>
    private sealed class ReadLog(TimeProvider time) : IConsumerInterceptor<string, string>
    {
        private readonly ConcurrentQueue<(string Topic, long Offset, DateTimeOffset At)> _reads = new();
        private readonly GroupLog _log = new();

        public IEnumerable<(string Topic, long Offset, DateTimeOffset At)> Of(string topic) => _reads.Where(r => r.Topic == topic);

        public ConsumeResult<string, string> OnConsume(in ConsumeResult<string, string> record)
        {
            _reads.Enqueue((record.Topic, record.Offset, time.GetUtcNow()));
            _log.Pulse();
            return record;
        }

        public async Task UntilAsync(string topic, int count, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed = _log.Changed;
                if (Of(topic).Count() >= count)
                {
                    return;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
    }
}
