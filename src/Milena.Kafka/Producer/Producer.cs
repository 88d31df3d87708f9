using System.Buffers;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Protocol.Records;

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
    private readonly ISerializer<TKey> _keySerializer;
    private readonly ISerializer<TValue> _valueSerializer;

    internal Producer(ProducerOptions options, KafkaCluster cluster, ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer, ArrayPool<byte> pool)
    {
        _keySerializer = keySerializer;
        _valueSerializer = valueSerializer;
        _core = new ProducerCore(options, cluster, pool, (failure, count) => DeliveryFailed?.Invoke(this, new DeliveryFailedEventArgs(failure, count)));
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
        ValueTask<AcceptedRecord> accepting = AcceptAsync(in record, isAwaited: true, cancellationToken);
        return accepting.IsCompletedSuccessfully
            ? DeliverAsync(accepting.Result, cancellationToken)
            : AcceptAndDeliverAsync(accepting, cancellationToken);
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
        ValueTask<AcceptedRecord> accepting = AcceptAsync(in record, isAwaited: false, cancellationToken);
        return accepting.IsCompletedSuccessfully ? default : new ValueTask(accepting.AsTask());
    }

    /// <summary>Sends what was accepted without lingering, and waits until every record that was accepted before has been delivered or has failed.</summary>
    /// <param name="cancellationToken">Ends the waiting; the records are sent all the same.</param>
    /// <remarks>Failures are not thrown here: they go to those who await the record, or to <see cref="DeliveryFailed"/>.</remarks>
    /// <exception cref="ObjectDisposedException">The producer is disposed.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _core.FlushAsync(cancellationToken);

    /// <summary>Takes no more records, delivers those it has within <see cref="ProducerOptions.CloseTimeout"/>, and fails the rest.</summary>
    public ValueTask DisposeAsync() => _core.DisposeAsync();

    private static ValueTask<DeliveryResult> DeliverAsync(AcceptedRecord accepted, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? new ValueTask<DeliveryResult>(accepted.Result.AsTask().WaitAsync(cancellationToken))
            : accepted.Result;

    private static async ValueTask<DeliveryResult> AcceptAndDeliverAsync(ValueTask<AcceptedRecord> accepting, CancellationToken cancellationToken)
    {
        AcceptedRecord accepted = await accepting.ConfigureAwait(false);
        return await DeliverAsync(accepted, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<AcceptedRecord> AcceptAsync(in ProducerRecord<TKey, TValue> record, bool isAwaited, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<AcceptedRecord>(cancellationToken);
        }

        ParkedRecord parked;
        SerializerScratch scratch = SerializerScratch.Take();
        try
        {
            PendingRecord pending = Serialize(in record, scratch, isAwaited);
            if (_core.TryAccept(in pending, out AcceptedRecord accepted))
            {
                return new ValueTask<AcceptedRecord>(accepted);
            }

            parked = new ParkedRecord(in pending);
        }
        catch (Exception fault)
        {
            // All faults of a call come through its task, whether it had to wait or not.
            return ValueTask.FromException<AcceptedRecord>(fault);
        }
        finally
        {
            scratch.GiveBack();
        }

        return _core.AcceptAsync(parked, cancellationToken);
    }

    private PendingRecord Serialize(in ProducerRecord<TKey, TValue> record, SerializerScratch scratch, bool isAwaited)
    {
        ArgumentException.ThrowIfNullOrEmpty(record.Topic, "topic");
        if (record.Partition is < 0)
        {
            throw new UnknownPartitionException(
                new TopicPartition(record.Topic, record.Partition.Value), $"Partition {record.Partition} of '{record.Topic}' does not exist: partitions are numbered from 0.");
        }

        bool hasKey = TryWrite(_keySerializer, record.Key, scratch, record.Topic, RecordPart.Key);
        int keyLength = scratch.Written;
        bool hasValue = TryWrite(_valueSerializer, record.Value, scratch, record.Topic, RecordPart.Value);
        return new PendingRecord
        {
            Topic = record.Topic,
            Partition = record.Partition ?? -1,
            Key = hasKey ? scratch.Slice(0, keyLength) : RecordBytes.Null,
            Value = hasValue ? scratch.Slice(keyLength, scratch.Written - keyLength) : RecordBytes.Null,
            Headers = record.Headers is null ? default : record.Headers.AsSpan(),
            Timestamp = record.Timestamp is { } time ? time.ToUnixTimeMilliseconds() : _core.RecordClock.Now,
            IsAwaited = isAwaited,
        };
    }

    private static bool TryWrite<T>(ISerializer<T> serializer, T part, SerializerScratch scratch, string topic, RecordPart name)
    {
        if (part is null || typeof(T) == typeof(Ignore))
        {
            return false;
        }

        try
        {
            serializer.Serialize(part, scratch, new SerializationContext(topic, name));
            return true;
        }
        catch (Exception fault) when (fault is not KafkaException)
        {
            throw new SerializationException($"The {name} of a record for '{topic}' could not be serialized by {serializer.GetType().Name}: {fault.Message}", fault);
        }
    }
}
