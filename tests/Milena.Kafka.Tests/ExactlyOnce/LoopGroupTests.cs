using System.Collections.Concurrent;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.ExactlyOnce;

/// <summary>Several loops of one group: partitions that go from one to another, in good order and without notice.</summary>
[TestFixture(GroupProtocol.Classic, 1)]
[TestFixture(GroupProtocol.Classic, 2)]
[TestFixture(GroupProtocol.Consumer, 1)]
[TestFixture(GroupProtocol.Consumer, 2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Fixtures)]
public class LoopGroupTests(GroupProtocol protocol, int generation) : LoopTest(protocol, generation)
{
    private readonly ConcurrentDictionary<string, bool> _active = new();

    [Test]
    public async Task Workers_that_come_and_go_share_the_work_and_each_record_counts_once([Values] bool isCooperative, CancellationToken cancellationToken)
    {
        const int rounds = 12;
        await StoreAsync(20);
        using var firstStop = new CancellationTokenSource();
        using var secondStop = new CancellationTokenSource();
        using var thirdStop = new CancellationTokenSource();
        Task first = RunAsync("billing-1", isCooperative, firstStop.Token);
        var others = new List<Task>();
        for (int round = 1; round < rounds; round++)
        {
            await StoreAsync(20, from: round * 20);
            switch (round)
            {
                case 2:
                    others.Add(RunAsync("billing-2", isCooperative, secondStop.Token));
                    await UntilAsync(() => _active.ContainsKey("billing-2"), cancellationToken);
                    break;
                case 5:
                    others.Add(RunAsync("billing-3", isCooperative, thirdStop.Token));
                    await UntilAsync(() => _active.ContainsKey("billing-3"), cancellationToken);
                    break;
                case 8:
                    await secondStop.CancelAsync();
                    break;
                default:
                    break;
            }
        }

        await UntilAsync(() => CommittedRecords == rounds * 20 * Partitions, cancellationToken);
        await firstStop.CancelAsync();
        await thirdStop.CancelAsync();
        await Task.WhenAll([first, .. others]).WaitAsync(cancellationToken);

        await AssertAllOnceAsync(rounds * 20, cancellationToken);
    }

    [Test]
    public async Task What_a_worker_has_finished_is_committed_before_its_partitions_go(CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        using var stop = new CancellationTokenSource();
        int handled = 0;
        Task first = CreateLoop("billing-1", o =>
        {
            o.CommitInterval = TimeSpan.FromSeconds(50);
            o.Output.TransactionTimeout = TimeSpan.FromMinutes(5);
        }).RunAsync(
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                handled++;
                Moved();
            },
            stop.Token);
        await UntilAsync(() => handled == Partitions, cancellationToken);
        Assert.That(Ended, Is.Empty);

        Task second = RunAsync("billing-2", isCooperative: false, stop.Token);
        await UntilAsync(() => !Ended.IsEmpty, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(first, second).WaitAsync(cancellationToken);

        Assert.That(Ended.First().Outcome, Is.EqualTo(TransactionOutcome.Committed));
        await AssertAllOnceAsync(1, cancellationToken);
    }

    [Test]
    public async Task A_worker_that_lost_its_partitions_commits_nothing_and_the_next_owner_does_the_work_once(CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        using var stop = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ExactlyOnceLoop<string?, string, string?, string> slow = CreateLoop("billing-1", o => o.Input.MaxPollInterval = TimeSpan.FromMilliseconds(600));
        bool isFirst = true;
        Task first = slow.RunAsync(
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                if (isFirst)
                {
                    isFirst = false;
                    begun.SetResult();
                    await told.Task;
                }
            },
            stop.Token);
        await begun.Task.WaitAsync(cancellationToken);

        Task second = RunAsync("billing-2", isCooperative: false, stop.Token);
        await UntilAsync(() => CommittedRecords == Partitions, cancellationToken);
        told.SetResult();
        await UntilAsync(() => Ended.Any(t => t.Outcome == TransactionOutcome.Aborted), cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(first, second).WaitAsync(cancellationToken);

        Assert.That(Ended.Where(t => t.Outcome == TransactionOutcome.Aborted).Select(t => t.Cause), Is.All.EqualTo(AbortCause.Rebalance));
        await AssertAllOnceAsync(1, cancellationToken);
    }

    [Test]
    public async Task A_worker_that_dies_in_a_transaction_leaves_its_records_to_the_others(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var dying = new KafkaClient(ClientOptions))
        {
            Task first = CreateLoop("billing-1", kafka: dying).RunAsync(
                async (batch, output, token) =>
                {
                    await CopyAsync(batch, output, token);
                    begun.TrySetResult();
                    await never.Task;
                },
                cancellationToken);
            await begun.Task.WaitAsync(cancellationToken);
            await dying.DisposeAsync();
            never.SetException(new InvalidOperationException("dead"));
            await Assert.CatchAsync(() => first.WaitAsync(cancellationToken));
        }

        // The same worker, started again: its first act is to end what its predecessor has left open.
        using var stop = new CancellationTokenSource();
        Task second = RunAsync("billing-1", isCooperative: false, stop.Token);
        await UntilAsync(() => CommittedRecords == 10 * Partitions, cancellationToken);
        await stop.CancelAsync();
        await second.WaitAsync(cancellationToken);

        await AssertAllOnceAsync(10, cancellationToken);
    }

    [Test]
    public async Task Offsets_of_a_membership_that_has_ended_are_refused_also_beside_those_of_a_later_one([Values] bool isBesideLater, CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        await using Consumer<string, string> reader = Kafka.CreateConsumer<string, string>(Options().Input);
        await using Producer<string?, string> producer = Kafka.CreateProducer<string?, string>(new ProducerOptions { TransactionalId = "by-hand" });
        ConsumerGroupMetadata old = null!;
        ConsumeResult<string, string> read = default;
        await foreach (ConsumeResult<string, string> record in reader.ConsumeAsync(cancellationToken))
        {
            read = record;
            old = reader.GroupMetadata;
            break;
        }

        await reader.DisposeAsync();
        using var stop = new CancellationTokenSource();
        Task next = RunAsync("billing-2", isCooperative: false, stop.Token);
        await UntilAsync(() => CommittedRecords == Partitions, cancellationToken);
        await using ProducerTransaction<string?, string> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.EnqueueAsync(Out, null, "double", cancellationToken);
        transaction.AddOffsets(old, read);
        if (isBesideLater)
        {
            await stop.CancelAsync();
            await next;
            transaction.AddOffsets(await JoinAndLeaveOpenAsync(cancellationToken), new PartitionOffset(new TopicPartition(In, (read.Partition + 1) % Partitions), 1));
        }

        TransactionException? refused = await Assert.ThrowsAsync<TransactionException>(() => transaction.CommitAsync(cancellationToken));
        Assert.That(refused!.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await stop.CancelAsync();
        await next;
        await AssertAllOnceAsync(1, cancellationToken);
    }

    /// <summary>Joins the group, whose records are all read, and stays a member until the client's end.</summary>
    private async Task<ConsumerGroupMetadata> JoinAndLeaveOpenAsync(CancellationToken cancellationToken)
    {
        var joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Consumer<string, string> consumer = Kafka.CreateConsumer<string, string>(Options(change: o => o.Input.RebalanceListener = new Assigned(() => joined.TrySetResult())).Input);
        _ = consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(CancellationToken.None).MoveNextAsync().AsTask();
        await joined.Task.WaitAsync(cancellationToken);
        return consumer.GroupMetadata;
    }

    private Task RunAsync(string id, bool isCooperative, CancellationToken stopping) => CreateLoop(id, o =>
    {
        o.Input.RebalanceListener = new Assigned(() =>
        {
            _active[id] = true;
            Moved();
        });
        if (isCooperative && IsClassic)
        {
            o.Input.Assignors.Clear();
            o.Input.Assignors.Add(PartitionAssignors.CooperativeSticky);
        }
    }).RunAsync(CopyAsync, stopping);

    private sealed class Assigned(Action tell) : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            if (partitions.Count > 0)
            {
                tell();
            }

            return ValueTask.CompletedTask;
        }
    }
}
