using System.Buffers;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Producer.Internal.Transactions;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>What all parts of one producer share. Holds no rules.</summary>
internal sealed class ProducerContext
{
    private int _flushes;

    public ProducerContext(ProducerOptions options, KafkaCluster cluster, ArrayPool<byte> pool)
    {
        Options = options;
        Cluster = cluster;
        Time = cluster.Options.TimeProvider;
        Clock = new ProducerClock(Time);
        RecordClock = new RecordClock(Time);
        Memory = new BatchMemory(options.BufferMemory, pool);
        Backoff = new ExponentialBackoff(cluster.Options.RetryBackoff, cluster.Options.RetryBackoffMax, cluster.Random);
        SoonBackoff = Recovery.SoonBackoff(cluster.Random);
        Logger = cluster.Options.LoggerFactory.CreateLogger("Milena.Kafka.Producer");
        Metrics = new ProducerMetrics(cluster.Options.MeterFactory, cluster.Options.ClientId, options.BufferMemory, Memory, Clock, Logger);
        Identity = options.Idempotence ? new IdentityKeeper(this) : null;
        Transactions = options.TransactionalId is { } id ? new TransactionSession(this, id) : null;
        Compression = options.Compression == CompressionType.None
            ? null
            : new BatchCompression(options.Compression, cluster.Options.Codecs.Get(options.Compression), options.CompressionLevel);
    }

    public ProducerOptions Options { get; }

    public KafkaCluster Cluster { get; }

    public TimeProvider Time { get; }

    public ProducerClock Clock { get; }

    /// <summary>The time of records that bring none.</summary>
    public RecordClock RecordClock { get; }

    public BatchMemory Memory { get; }

    public ExponentialBackoff Backoff { get; }

    /// <summary>The pauses where milliseconds will do.</summary>
    public ExponentialBackoff SoonBackoff { get; }

    public ILogger Logger { get; }

    public ProducerMetrics Metrics { get; }

    public BatchCompression? Compression { get; }

    /// <summary>What all batches are marked with.</summary>
    public RecordBatchFlags BatchFlags => Transactions is null ? RecordBatchFlags.None : RecordBatchFlags.Transactional;

    /// <summary>Who the producer is to the brokers; null without idempotence.</summary>
    public IdentityKeeper? Identity { get; }

    /// <summary>The transactions; null without a transactional id.</summary>
    public TransactionSession? Transactions { get; }

    public DeliveryTracker Tracker { get; } = new();

    /// <summary>Whether open batches must not wait for more records: someone flushes, or waits for room.</summary>
    public bool IsHurried => Volatile.Read(ref _flushes) > 0 || Memory.Budget.HasWaiters;

    /// <summary>Asks for metadata without waiting.</summary>
    public void RequestMetadata()
    {
        try
        {
            Cluster.Metadata.RequestRefresh();
        }
        catch (ObjectDisposedException)
        {
            // The client was disposed before its producer: batches that need metadata end by their delivery time-out.
        }
    }

    public void BeginFlush() => Interlocked.Increment(ref _flushes);

    public void EndFlush() => Interlocked.Decrement(ref _flushes);
}
