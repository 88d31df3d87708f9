using System.Buffers;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Producer.Internal.Transactions;

namespace Milena.Kafka;

/// <summary>Sends records to topics. Made by <see cref="KafkaClient"/>; safe for use by many threads; make one and keep it.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// Records that are accepted one after the other for the same partition are stored in that order. A record whose outcome is lost is sent again until
/// its delivery time-out; with <see cref="ProducerOptions.Idempotence"/>, the default, it is stored once all the same.
/// </remarks>
public sealed class Producer<TKey, TValue> : IAsyncDisposable
{
    private readonly ProducerCore _core;
    private readonly RecordIntake<TKey, TValue> _intake;

    internal Producer(
        ProducerOptions options,
        KafkaCluster cluster,
        ISerializer<TKey> keySerializer,
        ISerializer<TValue> valueSerializer,
        IProducerInterceptor<TKey, TValue>[] interceptors,
        ArrayPool<byte> pool)
    {
        _core = new ProducerCore(options, cluster, pool, (failure, count) => DeliveryFailed?.Invoke(this, new DeliveryFailedEventArgs(failure, count)));
        _intake = new RecordIntake<TKey, TValue>(_core, keySerializer, valueSerializer, interceptors);
    }

    /// <summary>Raised when records fail whose delivery nobody awaits: those of <c>EnqueueAsync</c>. Once per batch, on a thread of the pool.</summary>
    /// <remarks>An exception of a handler is logged and goes no further. <see cref="FlushAsync"/> waits for handlers too; a handler must not wait for it.</remarks>
    public event EventHandler<DeliveryFailedEventArgs>? DeliveryFailed;

    /// <summary>Sends a record and waits until it is stored.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent. After that only the waiting ends; the record is delivered all the same.</param>
    /// <returns>Where it is stored. It may be awaited more than once.</returns>
    /// <exception cref="DeliveryException">It was not stored, or it is not known whether it was.</exception>
    /// <exception cref="RecordTooLargeException">It is larger than <see cref="ProducerOptions.MaxRequestSize"/>.</exception>
    /// <exception cref="BufferExhaustedException">There was no room for it within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="UnknownTopicException">The topic was not there within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="SerializationException">A serializer threw.</exception>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public ValueTask<DeliveryResult> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        ProduceAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Sends a record with partition, headers or time, and waits until it is stored.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent. After that only the waiting ends; the record is delivered all the same.</param>
    /// <returns>Where it is stored. It may be awaited more than once.</returns>
    /// <exception cref="UnknownPartitionException">The topic has no such partition.</exception>
    /// <inheritdoc cref="ProduceAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask<DeliveryResult> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        ValueTask<AcceptedRecord> accepting = _intake.AcceptAsync(in record, isAwaited: true, cancellationToken);
        return accepting.IsCompletedSuccessfully
            ? CancellableDelivery.WaitAsync(accepting.Result, cancellationToken)
            : AcceptAndDeliverAsync(accepting, cancellationToken);
    }

    /// <summary>Sends records and waits until the delivery of all has ended, well or not. One record that fails does not hide the others.</summary>
    /// <param name="records">The records, of one or many topics. They are taken one after the other, each when the one before was accepted, so that they may be made as they go.</param>
    /// <param name="cancellationToken">Before all are accepted: the rest is not sent. After that only the waiting ends. What was accepted is delivered all the same; its outcome is not told.</param>
    /// <returns>What became of each record, in the order of <paramref name="records"/>.</returns>
    /// <remarks>
    /// <para>
    /// What <see cref="ProduceAsync(in ProducerRecord{TKey, TValue}, CancellationToken)"/> throws for a record is its <see cref="RecordOutcome.Failure"/> here. The order of the records is kept within each partition;
    /// records of other callers can come between. There is no task per record.
    /// </para>
    /// <para>If a record is not accepted within <see cref="ProducerOptions.MaxBlock"/>, those of the same topic that come after it fail with it: the wait is for all of them together.</para>
    /// </remarks>
    /// <exception cref="OperationCanceledException">The token was set off.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed before the call.</exception>
    public async Task<ProduceManyResult> ProduceManyAsync(IEnumerable<ProducerRecord<TKey, TValue>> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        cancellationToken.ThrowIfCancellationRequested();
        _core.ThrowIfClosing();
        var group = new RecordGroup<TKey, TValue>(_intake, records.TryGetNonEnumeratedCount(out int count) ? count : 0, cancellationToken);
        foreach (ProducerRecord<TKey, TValue> record in records)
        {
            await group.AddAsync(in record).ConfigureAwait(false);
        }

        return new ProduceManyResult(await group.WaitAsync().ConfigureAwait(false));
    }

    /// <summary>Accepts a record and does not wait for its delivery; <see cref="DeliveryFailed"/> tells of failures.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the record is not sent then.</param>
    /// <returns>Ends when the record is in the buffer: at once, unless the topic is not known yet or the buffer is full.</returns>
    /// <exception cref="RecordTooLargeException">It is larger than <see cref="ProducerOptions.MaxRequestSize"/>.</exception>
    /// <exception cref="BufferExhaustedException">There was no room for it within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="UnknownTopicException">The topic was not there within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="SerializationException">A serializer threw.</exception>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public ValueTask EnqueueAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        EnqueueAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Accepts a record with partition, headers or time, and does not wait for its delivery; <see cref="DeliveryFailed"/> tells of failures.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the record is not sent then.</param>
    /// <returns>Ends when the record is in the buffer: at once, unless the topic is not known yet or the buffer is full.</returns>
    /// <exception cref="UnknownPartitionException">The topic has no such partition.</exception>
    /// <inheritdoc cref="EnqueueAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask EnqueueAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        ValueTask<AcceptedRecord> accepting = _intake.AcceptAsync(in record, isAwaited: false, cancellationToken);
        return accepting.IsCompletedSuccessfully ? default : new ValueTask(accepting.AsTask());
    }

    /// <summary>Begins a transaction: records and offsets that are all committed or all aborted. One at a time.</summary>
    /// <param name="cancellationToken">Ends the beginning; there is no transaction then.</param>
    /// <returns>The scope that records are produced in. Disposing it aborts what was not committed.</returns>
    /// <remarks>
    /// Before its first transaction the producer registers with the coordinator: others with the same <see cref="ProducerOptions.TransactionalId"/> are fenced, and what they had left open is aborted
    /// (Java's <c>initTransactions</c>). After a failure it gets a newer epoch here, so that nothing late of the old one can count (KIP-360).
    /// </remarks>
    /// <exception cref="TransactionStateException">The producer has no transactional id, or its last transaction is still open.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over.</exception>
    /// <exception cref="UnsupportedVersionException">The brokers know no transactions.</exception>
    /// <exception cref="AuthorizationException">The principal has no right to the transactional id. Once it is granted, this may be called again.</exception>
    /// <exception cref="KafkaException">The coordinator denied it, or was not reached within <see cref="KafkaClientOptions.ApiTimeout"/>; if <see cref="KafkaException.IsRetriable"/>, it may be tried again.</exception>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public async Task<ProducerTransaction<TKey, TValue>> BeginTransactionAsync(CancellationToken cancellationToken = default)
    {
        _core.ThrowIfClosing();
        TransactionSession session = _core.Transactions ?? throw new TransactionStateException(
            "BeginTransactionAsync: the producer has no transactional id. Set ProducerOptions.TransactionalId to a name that stays the same after a restart and that no other producer has.");
        TransactionScope scope = await session.BeginAsync(cancellationToken).ConfigureAwait(false);
        return new ProducerTransaction<TKey, TValue>(session, _intake.ForScope(scope.Number), scope);
    }

    /// <summary>Sends what was accepted without lingering, and waits until every record that was accepted before has been delivered or has failed.</summary>
    /// <param name="cancellationToken">Ends the waiting; the records are sent all the same.</param>
    /// <remarks>Failures are not thrown here: they go to those who await the record, or to <see cref="DeliveryFailed"/>.</remarks>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _core.FlushAsync(cancellationToken);

    /// <summary>Drops the records that are accepted and not on their way to a broker. Returns at once; the producer goes on.</summary>
    /// <returns>How many records were dropped.</returns>
    /// <remarks>
    /// <para>
    /// They fail with a <see cref="DeliveryException"/>: <see cref="DeliveryStatus.NotStored"/>, or <see cref="DeliveryStatus.Unknown"/> if an earlier attempt may have reached a broker.
    /// What is on its way cannot be taken back: it ends by its answer as always, and <see cref="FlushAsync"/> waits for it. Calls that still wait for metadata or room are not accepted yet and go on;
    /// they have tokens of their own.
    /// </para>
    /// <para>librdkafka calls this <c>rd_kafka_purge</c> with <c>RD_KAFKA_PURGE_F_QUEUE</c>. If dropped records had sequence numbers, an idempotent producer goes on under a newer epoch.</para>
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public int Purge() => _core.Purge();

    /// <summary>The same producer for one topic.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <returns>A view that costs nothing to make or to keep, and that must not outlive the producer.</returns>
    public TopicProducer<TKey, TValue> ForTopic(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return new TopicProducer<TKey, TValue>(this, topic);
    }

    /// <summary>Takes no more records, delivers those it has within <see cref="ProducerOptions.CloseTimeout"/>, and fails the rest. Bounded in time.</summary>
    /// <remarks>Of what is left, records that were never on their way are <see cref="DeliveryStatus.NotStored"/>, the others <see cref="DeliveryStatus.Unknown"/>.</remarks>
    public ValueTask DisposeAsync() => _core.DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, but stops delivering when a token is set off.</summary>
    /// <param name="cancellationToken">Ends the delivering, not the closing: what is left fails at once, also for others who close at the same time. Nothing is thrown.</param>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => _core.CloseAsync(cancellationToken);

    /// <summary>Ends the producer without delivering what it has: takes no more records, drops what is queued and closes the connections. Ends a <see cref="DisposeAsync"/> that is under way too.</summary>
    /// <remarks>
    /// Records that were never on their way fail as <see cref="DeliveryStatus.NotStored"/>, those on their way as <see cref="DeliveryStatus.Unknown"/>; calls that wait for metadata or room end with an
    /// <see cref="ObjectDisposedException"/>. Java calls this <c>close(Duration.ZERO)</c>.
    /// </remarks>
    public ValueTask AbortAsync() => _core.CloseAsync(new CancellationToken(canceled: true));

    private static async ValueTask<DeliveryResult> AcceptAndDeliverAsync(ValueTask<AcceptedRecord> accepting, CancellationToken cancellationToken)
    {
        AcceptedRecord accepted = await accepting.ConfigureAwait(false);
        return await CancellableDelivery.WaitAsync(in accepted, cancellationToken).ConfigureAwait(false);
    }
}
