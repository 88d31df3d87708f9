using System.Collections.Concurrent;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.ExactlyOnce;

/// <summary>An embedded cluster with an input and an output topic, and loops between them. What they do with records, the tests say.</summary>
[CancelAfter(60_000)]
public abstract class LoopTest(GroupProtocol protocol, int generation)
{
    protected const string In = "orders";
    protected const string Out = "invoices";
    protected const string Group = "billing";
    protected const int Partitions = 4;

    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected TestCluster Cluster { get; private set; } = null!;

    protected KafkaClient Kafka { get; private set; } = null!;

    /// <summary>What has become of the transactions of all loops.</summary>
    protected ConcurrentQueue<LoopTransaction> Ended { get; } = new();

    protected bool IsClassic => protocol == GroupProtocol.Classic;

    protected int CommittedRecords => Ended.Where(t => t.Outcome == TransactionOutcome.Committed).Sum(t => t.Inputs.Sum(i => i.Records));

    [SetUp]
    public async Task StartAsync()
    {
        Cluster = await TestCluster.StartAsync(brokers: 3, new TestClusterOptions { AutoCreateTopics = false, ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(50), ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(5), TransactionVersion = (short)generation });
        Cluster.CreateTopic(In, Partitions);
        Cluster.CreateTopic(Out, Partitions);
        Kafka = new KafkaClient(ClientOptions);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Kafka.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    protected KafkaClientOptions ClientOptions => new()
    {
        BootstrapServers = Cluster.BootstrapServers,
        RetryBackoff = TimeSpan.FromMilliseconds(5),
        RetryBackoffMax = TimeSpan.FromMilliseconds(50),
        ReconnectBackoff = TimeSpan.FromMilliseconds(5),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(50),
        Seed = 1,
    };

    protected ExactlyOnceOptions Options(string id = "billing-1", Action<ExactlyOnceOptions>? change = null)
    {
        var options = new ExactlyOnceOptions
        {
            Input = { GroupId = Group, Topics = { In }, GroupProtocol = protocol, FetchMaxWait = TimeSpan.FromMilliseconds(50), CloseTimeout = TimeSpan.FromSeconds(10) },
            Output = { TransactionalId = id },
            CommitInterval = TimeSpan.FromMilliseconds(10),
        };
        if (IsClassic)
        {
            options.Input.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            options.Input.SessionTimeout = TimeSpan.FromSeconds(5);
        }

        change?.Invoke(options);
        return options;
    }

    /// <summary>Makes a loop whose transactions are noted.</summary>
    protected ExactlyOnceLoop<string?, string, string?, string> CreateLoop(string id = "billing-1", Action<ExactlyOnceOptions>? change = null, KafkaClient? kafka = null)
    {
        ExactlyOnceLoop<string?, string, string?, string> loop = (kafka ?? Kafka).CreateExactlyOnceLoop<string?, string, string?, string>(Options(id, change));
        loop.TransactionEnded += (_, ended) =>
        {
            Ended.Enqueue(ended);
            Moved();
        };
        return loop;
    }

    /// <summary>Copies a batch to the partition of the same number.</summary>
    protected static async ValueTask CopyAsync(ConsumeBatch<string?, string> batch, TransactionOutput<string?, string> output, CancellationToken cancellationToken)
    {
        foreach (ConsumeResult<string?, string> record in batch)
        {
            await output.EnqueueAsync(new ProducerRecord<string?, string>(Out, record.Key, record.Value) { Partition = record.Partition }, cancellationToken);
        }
    }

    /// <summary>Runs a loop until something is so, then stops it.</summary>
    protected async Task RunUntilAsync(
        ExactlyOnceLoop<string?, string, string?, string> loop,
        Func<ConsumeBatch<string?, string>, TransactionOutput<string?, string>, CancellationToken, ValueTask> handler,
        Func<bool> isEnough,
        CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        Task running = loop.RunAsync(handler, stop.Token);
        await Task.WhenAny(running, UntilAsync(isEnough, cancellationToken));
        await stop.CancelAsync();
        await running.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until something is so that ends of transactions or <see cref="Moved"/> bring about.</summary>
    protected async Task UntilAsync(Func<bool> isEnough, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved = Volatile.Read(ref _moved).Task;
            if (isEnough())
            {
                return;
            }

            await moved.WaitAsync(cancellationToken);
        }
    }

    protected void Moved() => Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Stores values in each partition, as <c>partition/number</c>.</summary>
    protected async Task StoreAsync(int perPartition, int from = 0)
    {
        await using Producer<string?, string> producer = Kafka.CreateProducer<string?, string>();
        for (int partition = 0; partition < Partitions; partition++)
        {
            int to = partition;
            (await producer.ProduceManyAsync(Enumerable.Range(from, perPartition).Select(i => new ProducerRecord<string?, string>(In, null, $"{to}/{i}") { Partition = to }))).ThrowIfAnyFailed();
        }
    }

    /// <summary>What readers of committed records find in a topic.</summary>
    protected async Task<List<string>> CommittedAsync(string topic, CancellationToken cancellationToken)
    {
        await using Consumer<Ignore, string> consumer = Kafka.CreateConsumer<Ignore, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignTopicAsync(topic, StartPosition.Beginning, cancellationToken);
        var values = new List<string>();
        await foreach (ConsumeResult<Ignore, string> record in consumer.ConsumeToEndAsync(cancellationToken))
        {
            values.Add(record.Value);
        }

        return values;
    }

    protected long[] Offsets => [.. Enumerable.Range(0, Partitions).Select(p => Cluster.CommittedOffset(Group, In, p))];

    protected static IEnumerable<string> AllValues(int perPartition) => Enumerable.Range(0, Partitions).SelectMany(p => Enumerable.Range(0, perPartition).Select(i => $"{p}/{i}"));

    /// <summary>Every record went through once, in order within its partition, and the group is behind the last.</summary>
    protected async Task AssertAllOnceAsync(int perPartition, CancellationToken cancellationToken)
    {
        List<string> written = await CommittedAsync(Out, cancellationToken);
        foreach (IGrouping<string, string> partition in written.GroupBy(v => v.Split('/')[0]))
        {
            Assert.That(partition, Is.EqualTo(Enumerable.Range(0, perPartition).Select(i => $"{partition.Key}/{i}")));
        }

        Assert.That(written, Has.Count.EqualTo(perPartition * Partitions));
        Assert.That(Offsets, Is.All.EqualTo(perPartition));
    }
}
