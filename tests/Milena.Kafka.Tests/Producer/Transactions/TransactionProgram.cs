using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>Does by turns what a generator says: scopes that are committed, aborted, left or cut off, on a cluster where everything goes wrong that can.</summary>
internal sealed class TransactionProgram(TestCluster cluster, ManualTimeProvider time, KafkaClient kafka, Random random, CancellationToken bound) : IAsyncDisposable
{
    public const string Id = "billing-1";
    public const string Topic = "payments";
    public const string Input = "input";
    public const int Partitions = 3;

    /// <summary>Marks the values that other threads produced while the scope was committed: their order is open.</summary>
    public const string AmidCommit = "/amid-commit-";

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    public static readonly ConsumerGroupMetadata Group = new("billing");

    public static readonly ApiKey[] Steps =
        [ApiKey.FindCoordinator, ApiKey.InitProducerId, ApiKey.AddPartitionsToTxn, ApiKey.Produce, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn];

    // Before a request is carried out a broker may say whatever it likes, but not that it has the batch already.
    private static readonly ErrorCode[] Errors = [.. Enum.GetValues<ErrorCode>().Where(code => code is not (ErrorCode.None or ErrorCode.DuplicateSequenceNumber))];

    // After it was carried out it can only say what does not exclude that.
    private static readonly ErrorCode[] LateErrors = [ErrorCode.RequestTimedOut, ErrorCode.NotCoordinator, ErrorCode.CoordinatorNotAvailable, ErrorCode.UnknownServerError];
    private static readonly ErrorCode[] LateProduceErrors = [ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.NotLeaderOrFollower, ErrorCode.UnknownServerError];

    private readonly List<Producer<string?, string?>> _producers = [];
    private readonly List<string> _log = [];
    private Producer<string?, string?>? _producer;
    private bool _hasBegun;
    private int _stopped;

    /// <summary>The scopes that began, in the order in which they did.</summary>
    public List<ModelScope> Scopes { get; } = [];

    /// <summary>What was done, for the message of a test that failed.</summary>
    public string Log => string.Join("\n", _log);

    public async Task StepAsync(int number)
    {
        await DisturbAsync();
        if (_hasBegun && random.Next(10) == 0)
        {
            await TakeOverIdleAsync();
        }

        _producer ??= Create();
        ProducerTransaction<string?, string?> transaction;
        try
        {
            transaction = await _producer.BeginTransactionAsync(bound);
            _hasBegun = true;
        }
        catch (KafkaException failure)
        {
            NoteFailure($"{number} did not begin", failure);
            _producer = random.Next(2) == 0 || failure is ProducerFencedException ? null : _producer;
            return;
        }

        var scope = new ModelScope(number, [.. Enumerable.Range(0, random.Next(30)).Select(i => (random.Next(Partitions), $"{number}/{i}"))], transaction);
        Scopes.Add(scope);
        try
        {
            await RunAsync(scope);
        }
        catch (KafkaException failure)
        {
            NoteFailure($"{number} failed", failure);
            if (random.Next(2) == 0 && transaction.Outcome is null)
            {
                await Assert.ThatAsync(async () => await transaction.CommitAsync(bound), Throws.InstanceOf<KafkaException>(), $"a part of it has failed\n{Log}");
            }

            await transaction.DisposeAsync();
        }

        Note($"{scope}");
        if (transaction.Outcome == TransactionOutcome.Committed && _stopped == 0)
        {
            Assert.That(cluster.CommittedOffset(Group.GroupId, Input, 0), Is.EqualTo(number), $"the offsets of a transaction move with it\n{Log}");
        }
    }

    /// <summary>Lets nothing go wrong any more.</summary>
    public async Task CalmAsync()
    {
        cluster.ClearFaults();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Producer<string?, string?> producer in _producers)
        {
            await producer.AbortAsync();
        }
    }

    private async Task RunAsync(ModelScope scope)
    {
        int middle = random.Next(scope.Records.Count + 1);
        for (int i = 0; i < scope.Records.Count; i++)
        {
            if (i == middle)
            {
                await InterruptAsync(scope);
            }

            var record = new ProducerRecord<string?, string?>(Topic, null, scope.Records[i].Value) { Partition = scope.Records[i].Partition };
            await (random.Next(8) == 0 ? scope.Transaction.ProduceAsync(record, bound).AsTask() : scope.Transaction.EnqueueAsync(record, bound).AsTask());
        }

        scope.Transaction.AddOffsets(Group, new PartitionOffset(new TopicPartition(Input, 0), scope.Number));
        await EndAsync(scope);
    }

    private async Task EndAsync(ModelScope scope)
    {
        switch (random.Next(14))
        {
            case 0:
                await scope.Transaction.AbortAsync(bound);
                break;
            case 1:
                await scope.Transaction.DisposeAsync();
                break;
            case 2:
                Note($"{scope.Number}: the process dies");
                await _producer!.AbortAsync();
                _producer = null;
                break;
            case 3:
                await CutOffAsync(scope);
                break;
            case 4:
                await TakeOverAsync(scope);
                break;
            case 5 or 6:
                await CommitAmidCallsAsync(scope);
                break;
            case 7:
                await TakeOverAmidCommitAsync(scope);
                break;
            default:
                await scope.Transaction.CommitAsync(bound);
                break;
        }
    }

    /// <summary>Commits while other threads still produce: what they were told is accepted belongs to the scope, and nothing else.</summary>
    private async Task CommitAmidCallsAsync(ModelScope scope)
    {
        (int Partition, string Value)[] late = [.. Enumerable.Range(0, 1 + random.Next(8)).Select(i => (random.Next(Partitions), $"{scope.Number}{AmidCommit}{i}"))];
        Task<bool>[] calls = [.. late.Select(record => Task.Run(() => TryEnqueueAsync(scope, record)))];
        try
        {
            await scope.Transaction.CommitAsync(bound);
        }
        finally
        {
            bool[] accepted = await Task.WhenAll(calls);
            scope.Records.AddRange(late.Where((_, i) => accepted[i]));
        }
    }

    private async Task<bool> TryEnqueueAsync(ModelScope scope, (int Partition, string Value) record)
    {
        try
        {
            await scope.Transaction.EnqueueAsync(new ProducerRecord<string?, string?>(Topic, null, record.Value) { Partition = record.Partition }, bound);
            return true;
        }
        catch (Exception refusal) when (refusal is KafkaException or TransactionStateException)
        {
            return false;
        }
    }

    /// <summary>The process dies while it commits, whether before, while or after the coordinator is asked.</summary>
    private async Task CutOffAsync(ModelScope scope)
    {
        Note($"{scope.Number}: the process dies while it commits");
        using RequestHold hold = cluster.Hold(random.GetItems(Steps, 1)[0], new FaultScope { Skip = random.Next(2), AfterHandling = random.Next(2) == 0 });
        Task commit = scope.Transaction.CommitAsync(bound);
        Task closing = _producer!.AbortAsync().AsTask();
        _producer = null;
        hold.Release();
        await closing;
        await commit;
    }

    /// <summary>Another producer takes over, and the one before it does not know.</summary>
    private async Task TakeOverAsync(ModelScope scope)
    {
        Note($"{scope.Number}: another producer takes over");
        Producer<string?, string?> fenced = _producer!;
        _producer = Create();
        try
        {
            await using ProducerTransaction<string?, string?> other = await _producer.BeginTransactionAsync(bound);
        }
        catch (KafkaException failure)
        {
            // Whether the one before goes on is open then.
            Note($"{scope.Number}: the other did not begin: {failure.Code.Name()}");
            await scope.Transaction.CommitAsync(bound);
            return;
        }

        KafkaException? failed = await Assert.CatchAsync<KafkaException>(async () => await scope.Transaction.CommitAsync(bound), "it was fenced");
        Assert.That(scope.Transaction.Outcome, Is.Not.EqualTo(TransactionOutcome.Committed));
        await scope.Transaction.DisposeAsync();
        await CalmAsync();
        KafkaException? again = await Assert.CatchAsync<KafkaException>(async () => await fenced.BeginTransactionAsync(bound));
        Assert.That(again is ProducerFencedException || again == failed || again == failed!.InnerException, () => $"{again} after {failed}\n{Log}");
    }

    /// <summary>Another producer takes over between two transactions, and the one before it tries to go on.</summary>
    private async Task TakeOverIdleAsync()
    {
        Producer<string?, string?>? fenced = _producer;
        _producer = Create();
        try
        {
            await using ProducerTransaction<string?, string?> other = await _producer.BeginTransactionAsync(bound);
            _hasBegun = true;
        }
        catch (KafkaException failure)
        {
            NoteFailure("another producer did not take over", failure);
            return;
        }

        Note("another producer has taken over");
        try
        {
            if (fenced is not null)
            {
                await using ProducerTransaction<string?, string?> late = await fenced.BeginTransactionAsync(bound);
                await late.EnqueueAsync(new ProducerRecord<string?, string?>(Topic, null, "late") { Partition = 0 }, bound);
                await late.CommitAsync(bound);
                Assert.Fail($"A fenced producer has committed.\n{Log}");
            }
        }
        catch (KafkaException failure)
        {
            NoteFailure("the one before it failed", failure);
        }
    }

    /// <summary>Another producer takes over while the coordinator is asked to commit, and the answer is lost.</summary>
    private async Task TakeOverAmidCommitAsync(ModelScope scope)
    {
        Note($"{scope.Number}: another producer takes over amid the commit");
        using RequestHold hold = cluster.Hold(ApiKey.EndTxn, new FaultScope { AfterHandling = random.Next(2) == 0 });
        Task commit = scope.Transaction.CommitAsync(bound);
        await Task.WhenAny(commit, hold.WaitForAsync(1, bound));
        _producer = Create();
        try
        {
            await using ProducerTransaction<string?, string?> other = await _producer.BeginTransactionAsync(bound);
        }
        catch (KafkaException failure)
        {
            Note($"{scope.Number}: the other did not begin: {failure.Code.Name()}");
        }

        await StopAsync(cluster.TransactionCoordinator(Id));
        hold.Release();
        await commit;
    }

    /// <summary>Something happens before a scope.</summary>
    private async Task DisturbAsync()
    {
        ApiKey step = random.GetItems(Steps, 1)[0];
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                ErrorCode error = random.GetItems(Errors, 1)[0];
                Note($"{step} fails with {error}");
                cluster.Fail(step, error, new FaultScope { Skip = random.Next(2), Count = 1 + random.Next(2) });
                break;
            case 3:
                ErrorCode late = random.GetItems(step == ApiKey.Produce ? LateProduceErrors : LateErrors, 1)[0];
                Note($"{step} is carried out and fails with {late}");
                cluster.Fail(step, late, new FaultScope { Count = 1 + random.Next(2), AfterHandling = true });
                break;
            case 4:
                Note($"the answer to {step} is lost");
                cluster.DropConnection(step, new FaultScope { AfterHandling = random.Next(2) == 0 });
                break;
            case 5:
                Note("the coordinator is not to be heard about the end");
                cluster.DropConnection(ApiKey.EndTxn, new FaultScope { Count = int.MaxValue, AfterHandling = random.Next(2) == 0 });
                break;
            case 9:
                ErrorCode excuse = random.GetItems(LateErrors, 1)[0];
                Note($"the coordinator does what it is asked about the end and says {excuse}");
                cluster.Fail(ApiKey.EndTxn, excuse, new FaultScope { Count = int.MaxValue, AfterHandling = true });
                break;
            case 6:
                await StopAsync(cluster.BrokerIds[random.Next(cluster.BrokerIds.Count)]);
                break;
            case 7 or 8:
                Note("all goes well");
                await CalmAsync();
                break;
            default:
                break;
        }
    }

    /// <summary>Something happens in the midst of a scope.</summary>
    private async Task InterruptAsync(ModelScope scope)
    {
        switch (random.Next(12))
        {
            case 0:
                Note($"{scope.Number}: the transaction times out");
                time.Advance(Timeout + TimeSpan.FromSeconds(1));
                break;
            case 1:
                Note($"{scope.Number}: the coordinator moves");
                cluster.MoveTransactionCoordinator(Id, Running());
                break;
            case 2:
                Note($"{scope.Number}: a leader moves");
                cluster.MoveLeader(Topic, random.Next(Partitions), Running());
                break;
            case 3:
                cluster.MoveCoordinator(Group.GroupId, Running());
                break;
            case 4:
                await DisturbAsync();
                break;
            default:
                break;
        }
    }

    private async Task StopAsync(int broker)
    {
        await StartAsync();
        _stopped = broker;
        Note($"broker {_stopped} stops");
        await cluster.StopBrokerAsync(_stopped);
    }

    private async Task StartAsync()
    {
        if (_stopped > 0)
        {
            await cluster.StartBrokerAsync(_stopped);
            _stopped = 0;
        }
    }

    private int Running()
    {
        int[] running = [.. cluster.BrokerIds.Where(broker => broker != _stopped)];
        return running[random.Next(running.Length)];
    }

    private Producer<string?, string?> Create()
    {
        var options = new ProducerOptions { TransactionalId = Id, TransactionTimeout = Timeout, BatchSize = 256, BufferMemory = 1_024, DeliveryTimeout = TimeSpan.FromMilliseconds(500) };
        _hasBegun = false;
        _producers.Add(kafka.CreateProducer<string?, string?>(options));
        return _producers[^1];
    }

    private void Note(string what) => _log.Add(what);

    private void NoteFailure(string what, KafkaException failure)
    {
        Note($"{what}: {failure.GetType().Name} {failure.Code.Name()}");
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            Assert.That(cause is InvalidOperationException and not (ObjectDisposedException or TransactionStateException), Is.False, $"whatever brokers say, it must not end by an error of its own: {failure}\n{Log}");
        }
    }
}
