using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.ExactlyOnce;

/// <summary>What one loop does with records, failures and its end, in both group protocols and both generations of transactions.</summary>
[TestFixture(GroupProtocol.Classic, 1)]
[TestFixture(GroupProtocol.Consumer, 2)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Fixtures)]
public class LoopTests(GroupProtocol protocol, int generation) : LoopTest(protocol, generation)
{
    [Test]
    public async Task Each_record_counts_once_in_the_output_and_offsets_go_with_it([Values(0, 10)] int interval, CancellationToken cancellationToken)
    {
        await StoreAsync(50);
        await StoreAsync(50, from: 50);

        await RunUntilAsync(CreateLoop(change: o => o.CommitInterval = TimeSpan.FromMilliseconds(interval)), CopyAsync, () => CommittedRecords == 100 * Partitions, cancellationToken);

        await AssertAllOnceAsync(100, cancellationToken);
        Assert.That(Ended.Select(t => t.Outcome), Is.All.EqualTo(TransactionOutcome.Committed));
        Assert.That(Cluster.ReceivedCount(ApiKey.OffsetCommit), Is.Zero, "offsets are committed in transactions only");
        if (interval == 0)
        {
            Assert.That(Ended.Select(t => t.Inputs.Count), Is.All.EqualTo(1), "a transaction for each batch");
        }
    }

    [Test]
    public async Task A_loop_goes_on_where_it_or_another_has_stopped(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        await RunUntilAsync(CreateLoop(), CopyAsync, () => CommittedRecords == 10 * Partitions, cancellationToken);
        await StoreAsync(10, from: 10);
        ExactlyOnceLoop<string?, string, string?, string> second = CreateLoop("billing-2");

        await RunUntilAsync(second, CopyAsync, () => CommittedRecords == 20 * Partitions, cancellationToken);
        await StoreAsync(10, from: 20);
        await RunUntilAsync(second, CopyAsync, () => CommittedRecords == 30 * Partitions, cancellationToken);

        await AssertAllOnceAsync(30, cancellationToken);
    }

    [Test]
    public async Task A_handler_that_throws_ends_the_loop_and_leaves_no_trace(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        ExactlyOnceLoop<string?, string, string?, string> loop = CreateLoop();

        ProcessingException? failure = await Assert.ThrowsAsync<ProcessingException>(() => loop.RunAsync(
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                throw new InvalidDataException("no");
            },
            cancellationToken));

        Assert.That(failure!.InnerException, Is.TypeOf<InvalidDataException>());
        Assert.That((Ended.Single().Outcome, Ended.Single().Cause), Is.EqualTo((TransactionOutcome.Aborted, (AbortCause?)AbortCause.Handler)));
        Assert.That(await CommittedAsync(Out, cancellationToken), Is.Empty);
        Assert.That(Offsets, Is.All.EqualTo(-1));
    }

    [Test]
    public async Task A_handler_that_throws_is_given_the_batch_again_and_what_it_wrote_does_not_count_twice(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        int runs = 0;

        await RunUntilAsync(
            CreateLoop(change: o => o.OnFailure = FailurePolicy.Retry(5, TimeSpan.FromMilliseconds(1))),
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                if (++runs is 2 or 4)
                {
                    throw new InvalidDataException("not yet");
                }
            },
            () => CommittedRecords == 10 * Partitions,
            cancellationToken);

        await AssertAllOnceAsync(10, cancellationToken);
        Assert.That(Ended.Count(t => t.Cause == AbortCause.Handler), Is.EqualTo(2));
    }

    [Test]
    public async Task A_record_that_cannot_be_processed_is_left_out_or_sent_on_and_takes_no_other_with_it([Values] bool isSentOn, CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("dead", 1);
        await StoreAsync(10);
        string[] bad = ["1/3", "1/7", "2/0"];

        await RunUntilAsync(
            CreateLoop(change: o => o.OnFailure = FailurePolicy.Retry(1, TimeSpan.Zero, then: isSentOn ? FailurePolicy.DeadLetter("dead") : FailurePolicy.Skip)),
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                if (batch.Any(r => bad.Contains(r.Value)))
                {
                    throw new InvalidDataException("bad");
                }
            },
            () => CommittedRecords == 10 * Partitions,
            cancellationToken);

        Assert.That(await CommittedAsync(Out, cancellationToken), Is.EquivalentTo(AllValues(10).Except(bad)));
        Assert.That(Offsets, Is.All.EqualTo(10));
        Assert.That(await CommittedAsync("dead", cancellationToken), Is.EquivalentTo(isSentOn ? bad : []));
        if (isSentOn)
        {
            StoredRecord dead = Cluster.Records("dead", 0)[0];
            Assert.That(dead.Headers.Select(h => h.Key), Is.SupersetOf(new[] { FailureHeaders.Topic, FailureHeaders.Offset, FailureHeaders.ExceptionType }));
        }
    }

    [Test]
    public async Task A_record_that_cannot_be_read_is_sent_on_in_the_transaction_which_may_fail_and_be_done_again(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("dead", 1);
        await StoreAsync(5);
        bool hasFailed = false;
        ExactlyOnceLoop<string?, int, string?, string> loop = Kafka.CreateExactlyOnceLoop<string?, int, string?, string>(
            Options(change: o =>
            {
                o.Input.PoisonRecords = PoisonPolicy.DeadLetter("dead");
                o.OnFailure = FailurePolicy.Retry(2, TimeSpan.Zero);
            }),
            valueDeserializer: new NumberBehindSlash(unreadable: "3/4"));
        loop.TransactionEnded += (_, ended) =>
        {
            Ended.Enqueue(ended);
            Moved();
        };
        using var stop = new CancellationTokenSource();
        Task running = loop.RunAsync(
            async (batch, output, token) =>
            {
                foreach (ConsumeResult<string?, int> record in batch)
                {
                    await output.EnqueueAsync(Out, null, $"{record.Partition}/{record.Value}", token);
                }

                if (batch.Partition == 3 && !hasFailed)
                {
                    hasFailed = true;
                    throw new InvalidDataException("once");
                }
            },
            stop.Token);
        await UntilAsync(() => CommittedRecords == 5 * Partitions, cancellationToken);
        await stop.CancelAsync();
        await running;

        Assert.That(await CommittedAsync(Out, cancellationToken), Is.EquivalentTo(AllValues(5).Except(["3/4"])));
        Assert.That(await CommittedAsync("dead", cancellationToken), Is.EqualTo(new[] { "3/4" }), "once, although its batch came twice");
    }

    [Test]
    public async Task A_record_that_cannot_be_read_ends_the_loop_unless_something_else_was_chosen(CancellationToken cancellationToken)
    {
        await StoreAsync(5);
        ExactlyOnceLoop<string?, int, string?, string> loop = Kafka.CreateExactlyOnceLoop<string?, int, string?, string>(Options(), valueDeserializer: new NumberBehindSlash("3/4"));

        SerializationException? failure = await Assert.ThrowsAsync<SerializationException>(() => loop.RunAsync(
            (batch, output, token) =>
            {
                foreach (ConsumeResult<string?, int> record in batch)
                {
                    Assert.That(record.Value, Is.Not.Negative);
                }

                return default;
            },
            cancellationToken));

        Assert.That((failure!.Partition, failure.Offset), Is.EqualTo(((TopicPartition?)new TopicPartition(In, 3), (long?)4)));
        Assert.That(Cluster.CommittedOffset(Group, In, 3), Is.EqualTo(-1));
    }

    [Test]
    public async Task A_loop_that_is_stopped_finishes_the_batch_that_it_has_begun(CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        using var stop = new CancellationTokenSource();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int handled = 0;

        Task running = CreateLoop().RunAsync(
            async (batch, output, token) =>
            {
                handled += batch.Count;
                await CopyAsync(batch, output, token);
                await stop.CancelAsync();
                await release.Task.WaitAsync(token);
            },
            stop.Token);
        release.SetResult();
        await running.WaitAsync(cancellationToken);

        Assert.That(handled, Is.EqualTo(1), "no other batch is begun");
        Assert.That(await CommittedAsync(Out, cancellationToken), Has.Count.EqualTo(1));
        Assert.That(Offsets.Count(o => o == 1), Is.EqualTo(1));
    }

    [Test]
    public async Task A_handler_that_does_not_end_in_time_is_told_and_its_transaction_aborted([Values] bool listens, CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        using var stop = new CancellationTokenSource();
        var deaf = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await CreateLoop(change: o => o.StopTimeout = TimeSpan.FromMilliseconds(50)).RunAsync(
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                await stop.CancelAsync();
                await deaf.Task.WaitAsync(listens ? token : CancellationToken.None);
            },
            stop.Token).WaitAsync(cancellationToken);

        Assert.That((Ended.Single().Outcome, Ended.Single().Cause), Is.EqualTo((TransactionOutcome.Aborted, (AbortCause?)AbortCause.Stop)));
        Assert.That(await CommittedAsync(Out, cancellationToken), Is.Empty);
        Assert.That(Offsets, Is.All.EqualTo(-1));
        deaf.SetResult();
    }

    [Test]
    public async Task A_second_loop_with_the_same_id_fences_the_first_at_once(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = CreateLoop().RunAsync(
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                begun.TrySetResult();
                await release.Task;
            },
            cancellationToken);
        await begun.Task.WaitAsync(cancellationToken);

        using var stop = new CancellationTokenSource();
        Task second = CreateLoop().RunAsync(CopyAsync, stop.Token);
        await Cluster.WaitForAsync(ApiKey.InitProducerId, 2, cancellationToken);
        release.SetResult();

        await Assert.ThatAsync(() => first.WaitAsync(cancellationToken), Throws.TypeOf<ProducerFencedException>());
        await UntilAsync(() => CommittedRecords == 10 * Partitions, cancellationToken);
        await stop.CancelAsync();
        await second;
        await AssertAllOnceAsync(10, cancellationToken);
    }

    [Test]
    public async Task A_commit_without_an_answer_is_resolved_before_the_loop_goes_on([Values] bool wasHeeded, CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        KafkaClientOptions impatient = ClientOptions;
        impatient.ApiTimeout = TimeSpan.FromMilliseconds(300);
        await using var kafka = new KafkaClient(impatient);
        Cluster.DropConnection(ApiKey.EndTxn, new FaultScope { Count = int.MaxValue, AfterHandling = wasHeeded });
        ExactlyOnceLoop<string?, string, string?, string> loop = CreateLoop(kafka: kafka);
        using var stop = new CancellationTokenSource();
        Task running = loop.RunAsync(CopyAsync, stop.Token);
        await Cluster.WaitForAsync(ApiKey.EndTxn, 5, cancellationToken);
        Assert.That(Ended, Is.Empty);

        // How it ended is asked for in two steps, and the second may have to be asked again.
        Cluster.ClearFaults();
        Cluster.Fail(ApiKey.OffsetFetch, ErrorCode.CoordinatorLoadInProgress, new FaultScope { Count = 40 });
        await Task.WhenAny(running, UntilAsync(() => CommittedRecords == 10 * Partitions, cancellationToken));
        await stop.CancelAsync();
        await running;

        await AssertAllOnceAsync(10, cancellationToken);
        Assert.That(Ended.Select(t => t.Outcome), Has.None.EqualTo(TransactionOutcome.Unknown));
    }

    [Test]
    public async Task A_loop_that_is_stopped_before_the_coordinator_answers_says_that_the_outcome_is_unknown(CancellationToken cancellationToken)
    {
        await StoreAsync(10);
        KafkaClientOptions impatient = ClientOptions;
        impatient.ApiTimeout = TimeSpan.FromMilliseconds(300);
        await using var kafka = new KafkaClient(impatient);
        Cluster.DropConnection(ApiKey.EndTxn, new FaultScope { Count = int.MaxValue });
        using var stop = new CancellationTokenSource();
        Task running = CreateLoop(kafka: kafka, change: o =>
        {
            o.StopTimeout = TimeSpan.FromMilliseconds(100);
            o.Output.CloseTimeout = TimeSpan.FromMilliseconds(100);
        }).RunAsync(CopyAsync, stop.Token);
        await Cluster.WaitForAsync(ApiKey.EndTxn, 3, cancellationToken);

        await stop.CancelAsync();
        await running.WaitAsync(cancellationToken);
        Assert.That(Ended.Single().Outcome, Is.EqualTo(TransactionOutcome.Unknown));

        // Whoever takes the name next ends what was left, and goes on from there.
        Cluster.ClearFaults();
        Ended.Clear();
        await RunUntilAsync(CreateLoop(), CopyAsync, () => Offsets.All(o => o == 10), cancellationToken);
        await AssertAllOnceAsync(10, cancellationToken);
    }

    [Test]
    public async Task Brokers_that_fail_a_step_cost_at_most_a_transaction(
        [Values(ApiKey.Produce, ApiKey.TxnOffsetCommit, ApiKey.EndTxn, ApiKey.InitProducerId)] ApiKey step,
        [Values(ErrorCode.TransactionAbortable, ErrorCode.UnknownServerError, ErrorCode.CoordinatorNotAvailable, ErrorCode.ConcurrentTransactions, ErrorCode.IllegalGeneration, ErrorCode.UnknownMemberId)] ErrorCode error,
        CancellationToken cancellationToken)
    {
        Assume.That(step == ApiKey.TxnOffsetCommit || error is not (ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId), "only group coordinators say so");
        Assume.That(step != ApiKey.InitProducerId || error is ErrorCode.CoordinatorNotAvailable or ErrorCode.ConcurrentTransactions, "what is for good ends the loop");
        Assume.That(step != ApiKey.Produce || error is ErrorCode.TransactionAbortable or ErrorCode.UnknownServerError, "coordinators only");
        await StoreAsync(10);
        Cluster.Fail(step, error, new FaultScope { Count = error.IsRetriable() ? 3 : 1 });

        await RunUntilAsync(CreateLoop(), CopyAsync, () => CommittedRecords == 10 * Partitions, cancellationToken);

        await AssertAllOnceAsync(10, cancellationToken);
    }

    [Test]
    public async Task A_record_that_is_refused_for_good_ends_the_loop([Values] bool isAwaited, CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        Cluster.Fail(ApiKey.Produce, ErrorCode.MessageTooLarge, new FaultScope { Count = int.MaxValue });

        await Assert.ThatAsync(
            () => CreateLoop().RunAsync(
                async (batch, output, token) =>
                {
                    if (isAwaited)
                    {
                        await output.ProduceAsync(Out, null, "x", token);
                    }

                    await output.EnqueueAsync(Out, null, "x", token);
                },
                cancellationToken),
            isAwaited ? Throws.TypeOf<ProcessingException>() : Throws.TypeOf<TransactionException>().Or.TypeOf<ProcessingException>());

        Assert.That(Offsets, Is.All.EqualTo(-1));
    }

    [Test]
    public async Task What_the_handler_leaves_running_cannot_write_behind_its_back(CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        TransactionOutput<string?, string>? kept = null;

        await RunUntilAsync(
            CreateLoop(),
            (batch, output, token) =>
            {
                kept = output;
                return default;
            },
            () => CommittedRecords > 0,
            cancellationToken);

        Assert.That(() => kept!.EnqueueAsync(Out, null, "late", cancellationToken), Throws.TypeOf<TransactionStateException>().With.Message.Contains("Await in the handler"));
    }

    /// <summary>Reads the number of <c>partition/number</c>; one value it cannot read.</summary>
    private sealed class NumberBehindSlash(string unreadable) : IDeserializer<int>
    {
        public int Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            string text = Encoding.UTF8.GetString(data);
            return text == unreadable ? throw new FormatException(text) : int.Parse(text.Split('/')[1], null);
        }
    }
}
