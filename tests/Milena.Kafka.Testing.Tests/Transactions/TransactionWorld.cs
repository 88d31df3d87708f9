using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>
/// Several producers of both generations that do by turns what a generator says, beside a model that knows every value, its scope and what became
/// of the scope.
/// </summary>
internal sealed class TransactionWorld(TestCluster cluster, ManualTime time, ClusterClients clients, Random random)
{
    public const int Partitions = 2;
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private const int Groups = 2;

    private static readonly ErrorCode[] Errors =
    [
        NotCoordinator, CoordinatorNotAvailable, CoordinatorLoadInProgress, ConcurrentTransactions, RequestTimedOut, UnknownServerError, ProducerFenced, InvalidTxnState,
        TransactionAbortable, NotLeaderOrFollower, NotEnoughReplicasAfterAppend, TopicAuthorizationFailed,
    ];

    private readonly List<ModelProducer> _producers = [.. Enumerable.Range(0, 4).Select(i => new ModelProducer(new TransactionalProducer(clients, $"tx{i}", isSecondGeneration: i % 2 == 0)))];
    private readonly List<(string Value, ModelScope Scope)>[] _logs = [.. Enumerable.Range(0, Partitions).Select(_ => new List<(string, ModelScope)>())];
    private readonly Dictionary<(string Group, int Partition), long> _positions = [];
    private readonly HashSet<int> _stopped = [];
    private int _values;

    public List<string> Program { get; } = [];

    public int Committed { get; private set; }

    public int Aborted { get; private set; }

    /// <summary>How many requests were failed on purpose.</summary>
    public int Failed { get; private set; }

    public async Task StepAsync()
    {
        ModelProducer producer = _producers[random.Next(_producers.Count)];
        switch (random.Next(100))
        {
            case < 35:
                await WriteAsync(producer, random.Next(Partitions));
                break;
            case < 50:
                await StoreAsync(producer, $"g{random.Next(Groups)}", random.Next(Partitions));
                break;
            case < 72:
                await EndAsync(producer, isCommit: random.Next(3) > 0);
                break;
            case < 79:
                await CrashAsync(producer);
                break;
            case < 83:
                LetTimePass(TimeSpan.FromSeconds(random.Next(1, 40)));
                break;
            case < 87:
                Note("time-out");
                LetTimePass(Timeout);
                break;
            case < 91:
                await EndHeldAsync(producer, isCommit: random.Next(2) > 0);
                break;
            case < 94:
                MoveCoordinators(producer);
                break;
            case < 96:
                MoveLeader(random.Next(Partitions));
                break;
            default:
                await StopOrStartAsync();
                break;
        }
    }

    public async Task CheckAsync()
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            IEnumerable<string> expected = _logs[partition]
                .TakeWhile(entry => entry.Scope.IsCommitted is not null)
                .Where(entry => entry.Scope.IsCommitted == true)
                .Select(entry => entry.Value);
            int maxBytes = random.Next(2) == 0 ? 100 : 1 << 20;
            Assert.That(await clients.ReadCommittedAsync(partition, maxBytes: maxBytes), Is.EqualTo(expected), () => $"partition {partition} after {string.Join("; ", Program)}");
            for (int group = 0; group < Groups; group++)
            {
                await CheckPositionAsync($"g{group}", partition);
            }
        }
    }

    /// <summary>Ends every scope, so that nothing hides behind an open one.</summary>
    public async Task EndAllAsync()
    {
        foreach (ModelProducer producer in _producers)
        {
            await EndAsync(producer, isCommit: true);
        }

        await CheckAsync();
        for (int partition = 0; partition < Partitions; partition++)
        {
            Assert.That(cluster.LastStableOffset(Topic, partition), Is.EqualTo(cluster.EndOffset(Topic, partition)));
        }
    }

    private async Task WriteAsync(ModelProducer producer, int partition)
    {
        string value = $"{_values++}";
        Note($"{producer} writes {value} to {partition}");
        await InitializeIfNewAsync(producer);
        ErrorCode error = await TryTwiceAsync([ApiKey.AddPartitionsToTxn, ApiKey.Produce], () => producer.Client.WriteAsync(partition, value));
        if (Expect(producer, error, InvalidProducerEpoch, ProducerFenced))
        {
            _logs[partition].Add((value, producer.BeginOrGoOn(time.GetUtcNow())));
        }
    }

    private async Task StoreAsync(ModelProducer producer, string group, int partition)
    {
        long offset = ++_values;
        Note($"{producer} stores {offset} of {group}-{partition}");
        await InitializeIfNewAsync(producer);
        ErrorCode error = await TryTwiceAsync([ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit], () => producer.Client.CommitAsync(group, partition, offset));
        if (Expect(producer, error, InvalidProducerEpoch, ProducerFenced))
        {
            producer.BeginOrGoOn(time.GetUtcNow()).Positions[(group, partition)] = offset;
        }
    }

    private async Task EndAsync(ModelProducer producer, bool isCommit)
    {
        Note($"{producer} {(isCommit ? "commits" : "aborts")}");
        if (producer.Scope is null && !producer.IsFenced)
        {
            return;
        }

        if (Expect(producer, await TryTwiceAsync([ApiKey.EndTxn], () => producer.Client.EndAsync(isCommit)), ProducerFenced))
        {
            Finish(producer, isCommit);
        }
    }

    /// <summary>The end is decided, but for a while nobody sees it, not even after the coordinator has moved.</summary>
    private async Task EndHeldAsync(ModelProducer producer, bool isCommit)
    {
        if (producer.Scope is null)
        {
            return;
        }

        Note($"{producer} {(isCommit ? "commits" : "aborts")} in two steps");
        using TransactionHold hold = cluster.HoldTransactions(producer.Client.TransactionalId);
        Assert.That(await producer.Client.EndAsync(isCommit), Is.EqualTo(None));
        await CheckAsync();
        Assert.That(await producer.Client.WriteAsync(0, "never"), Is.EqualTo(ConcurrentTransactions));
        MoveCoordinators(producer);
        hold.Release();
        Finish(producer, isCommit);
    }

    /// <summary>Another producer takes over the transactional id.</summary>
    private async Task CrashAsync(ModelProducer producer)
    {
        Note($"{producer} begins anew");
        bool hadScope = producer.Scope is not null;
        if (hadScope)
        {
            Assert.That(await producer.Client.InitializeAsync(), Is.EqualTo(ConcurrentTransactions));
            Finish(producer, isCommit: false);
        }

        Assert.That(await TryTwiceAsync([ApiKey.InitProducerId], () => producer.Client.InitializeAsync()), Is.EqualTo(None));
        producer.IsFenced = false;
    }

    /// <summary>Asks, or lets a broker fail the request first, before or after it is carried out: to ask again must do no harm.</summary>
    private async Task<ErrorCode> TryTwiceAsync(ApiKey[] apis, Func<Task<ErrorCode>> ask)
    {
        if (random.Next(4) > 0)
        {
            return await ask();
        }

        ApiKey api = apis[random.Next(apis.Length)];
        ErrorCode planned = Errors[random.Next(Errors.Length)];
        bool afterHandling = random.Next(2) == 0;
        Note($"{api} fails with {planned} {(afterHandling ? "after" : "before")} it is carried out");
        cluster.Fail(api, planned, new FaultScope { AfterHandling = afterHandling });
        ErrorCode first = await ask();
        cluster.ClearFaults();
        if (first == planned)
        {
            Failed++;
            return await ask();
        }

        // Its generation does not ask that, or another error came first.
        return first;
    }

    private void LetTimePass(TimeSpan span)
    {
        time.Advance(span);
        foreach (ModelProducer producer in _producers.Where(producer => producer.Scope is { } scope && time.GetUtcNow() - scope.StartedAt >= Timeout))
        {
            Finish(producer, isCommit: false);
            producer.IsFenced = true;
        }
    }

    private void MoveCoordinators(ModelProducer producer)
    {
        Note("coordinators move");
        int[] running = [.. cluster.BrokerIds.Except(_stopped)];
        cluster.MoveTransactionCoordinator(producer.Client.TransactionalId, running[random.Next(running.Length)]);
        cluster.MoveCoordinator($"g{random.Next(Groups)}", running[random.Next(running.Length)]);
    }

    private void MoveLeader(int partition)
    {
        Note("a leader moves");
        int[] running = [.. cluster.BrokerIds.Except(_stopped)];
        cluster.MoveLeader(Topic, partition, running[random.Next(running.Length)]);
    }

    private async Task StopOrStartAsync()
    {
        int broker = cluster.BrokerIds[random.Next(cluster.BrokerIds.Count)];
        if (_stopped.Remove(broker))
        {
            Note($"broker {broker} starts");
            await cluster.StartBrokerAsync(broker);
        }
        else if (_stopped.Count == 0)
        {
            Note($"broker {broker} stops");
            _stopped.Add(broker);
            clients.Leave(broker);
            await cluster.StopBrokerAsync(broker);
        }
    }

    private async Task InitializeIfNewAsync(ModelProducer producer)
    {
        if (producer.Client.Id < 0)
        {
            Assert.That(await producer.Client.InitializeAsync(), Is.EqualTo(None));
        }
    }

    private async Task CheckPositionAsync(string group, int partition)
    {
        bool isPending = _producers.Exists(producer => producer.Scope?.Positions.ContainsKey((group, partition)) == true);
        (long, ErrorCode) expected = isPending ? (-1L, UnstableOffsetCommit) : (_positions.GetValueOrDefault((group, partition), -1), None);
        Assert.That(await clients.FetchPositionAsync(group, partition), Is.EqualTo(expected), () => $"{group}-{partition} after {string.Join("; ", Program)}");
    }

    /// <summary>Whether a request came through; a producer that was fenced must hear that, and any other must not.</summary>
    private bool Expect(ModelProducer producer, ErrorCode error, params ErrorCode[] ofFenced)
    {
        if (producer.IsFenced)
        {
            Assert.That(ofFenced, Does.Contain(error), () => string.Join("; ", Program));
            return false;
        }

        Assert.That(error, Is.EqualTo(None), () => string.Join("; ", Program));
        return true;
    }

    private void Finish(ModelProducer producer, bool isCommit)
    {
        ModelScope scope = producer.Scope!;
        producer.Scope = null;
        scope.IsCommitted = isCommit;
        Committed += isCommit ? 1 : 0;
        Aborted += isCommit ? 0 : 1;
        foreach (((string Group, int Partition) key, long offset) in scope.Positions)
        {
            // What another transaction stores later counts as newer once it is committed; the order of ends decides.
            if (isCommit && !scope.Superseded.Contains(key))
            {
                _positions[key] = offset;
                SupersedeOthers(key);
            }
        }
    }

    private void SupersedeOthers((string Group, int Partition) key)
    {
        foreach (ModelProducer other in _producers)
        {
            if (other.Scope?.Positions.ContainsKey(key) == true)
            {
                other.Scope.Superseded.Add(key);
            }
        }
    }

    private void Note(string step) => Program.Add(step);
}
