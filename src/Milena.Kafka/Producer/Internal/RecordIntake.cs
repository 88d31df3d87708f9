using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Serialization.Internal;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Takes typed records in: through interceptors, span and serializers into the core. Any thread.</summary>
internal sealed class RecordIntake<TKey, TValue>
{
    private readonly ProducerCore _core;
    private readonly ISerializer<TKey> _keySerializer;
    private readonly ISerializer<TValue> _valueSerializer;
    private readonly IBytesSource<TKey>? _keyBytes;
    private readonly IBytesSource<TValue>? _valueBytes;
    private readonly InterceptorChain<TKey, TValue>? _interceptors;
    private readonly long _scope;
    private readonly bool _mayWait;

    public RecordIntake(ProducerCore core, ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer, IProducerInterceptor<TKey, TValue>[] interceptors)
        : this(core, keySerializer, valueSerializer, interceptors.Length > 0 ? new InterceptorChain<TKey, TValue>(interceptors, core.Logger) : null, scope: 0)
    {
    }

    private RecordIntake(ProducerCore core, ISerializer<TKey> keySerializer, ISerializer<TValue> valueSerializer, InterceptorChain<TKey, TValue>? interceptors, long scope)
    {
        _core = core;
        _keySerializer = keySerializer;
        _valueSerializer = valueSerializer;
        _interceptors = interceptors;
        _scope = scope;
        _keyBytes = keySerializer as IBytesSource<TKey>;
        _valueBytes = valueSerializer as IBytesSource<TValue>;
        _mayWait = keySerializer is IAsyncSerializer<TKey> || valueSerializer is IAsyncSerializer<TValue>;
    }

    /// <summary>The same intake for the records of a transaction.</summary>
    public RecordIntake<TKey, TValue> ForScope(long scope) => new(_core, _keySerializer, _valueSerializer, _interceptors, scope);

    /// <summary>An intake of the same scope for bytes that are there already. Interceptors do not see them.</summary>
    public RecordIntake<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> ForBytes() =>
        new(_core, Serde.Default<ReadOnlyMemory<byte>?>(), Serde.Default<ReadOnlyMemory<byte>?>(), interceptors: null, _scope);

    /// <summary>Accepts a record. All faults of a call come through its task, whether it had to wait or not.</summary>
    public ValueTask<AcceptedRecord> AcceptAsync(in ProducerRecord<TKey, TValue> record, bool isAwaited, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<AcceptedRecord>(cancellationToken);
        }

        return _interceptors is null && !KafkaActivities.HasListeners
            ? AcceptAsync(in record, observer: null, isAwaited, cancellationToken)
            : AcceptObservedAsync(in record, isAwaited, cancellationToken);
    }

    private ValueTask<AcceptedRecord> AcceptAsync(in ProducerRecord<TKey, TValue> record, RecordObserver? observer, bool isAwaited, CancellationToken cancellationToken)
    {
        if (_mayWait)
        {
            return AcceptWithWaitingAsync(in record, observer, isAwaited, cancellationToken);
        }

        ParkedRecord parked;
        SerializerScratch scratch = SerializerScratch.Take();
        try
        {
            Check(in record);
            int key = _keyBytes is null ? Write(_keySerializer, record.Key, scratch, record.Topic, RecordPart.Key) : -1;
            int value = _valueBytes is null ? Write(_valueSerializer, record.Value, scratch, record.Topic, RecordPart.Value) : -1;
            PendingRecord pending = ToPending(in record, scratch, new SerializedLengths(key, value), observer, isAwaited);
            if (_core.TryAccept(in pending, out AcceptedRecord accepted))
            {
                return new ValueTask<AcceptedRecord>(accepted);
            }

            parked = new ParkedRecord(in pending);
        }
        catch (Exception fault)
        {
            return ValueTask.FromException<AcceptedRecord>(fault);
        }
        finally
        {
            scratch.GiveBack();
        }

        return _core.AcceptAsync(parked, cancellationToken);
    }

    /// <summary>The same with serializers that may wait. A record that does takes its place in the topic's line before this call returns.</summary>
    private ValueTask<AcceptedRecord> AcceptWithWaitingAsync(in ProducerRecord<TKey, TValue> record, RecordObserver? observer, bool isAwaited, CancellationToken cancellationToken)
    {
        ParkedRecord parked;
        bool isWaiting = false;
        SerializerScratch scratch = SerializerScratch.Take();
        try
        {
            Check(in record);
            _core.ThrowIfClosing();
            ValueTask<SerializedLengths> writing = WriteAsync(record, scratch, cancellationToken);
            if (writing.IsCompletedSuccessfully)
            {
                PendingRecord pending = ToPending(in record, scratch, writing.Result, observer, isAwaited);
                if (_core.TryAccept(in pending, out AcceptedRecord accepted))
                {
                    return new ValueTask<AcceptedRecord>(accepted);
                }

                parked = new ParkedRecord(in pending);
            }
            else
            {
                // The scratch belongs to the serializers until they have ended, however long the caller waits. One that has failed already does so in its turn.
                isWaiting = true;
                parked = new ParkedRecord(record.Topic, record.Partition ?? -1);
                parked.Serialized = FillAsync(parked, record, writing, scratch, observer, isAwaited);
            }
        }
        catch (Exception fault)
        {
            return ValueTask.FromException<AcceptedRecord>(fault);
        }
        finally
        {
            if (!isWaiting)
            {
                scratch.GiveBack();
            }
        }

        return _core.AcceptAsync(parked, cancellationToken);
    }

    private ValueTask<AcceptedRecord> AcceptObservedAsync(in ProducerRecord<TKey, TValue> record, bool isAwaited, CancellationToken cancellationToken)
    {
        ProducerRecord<TKey, TValue> sent = _interceptors?.OnSend(in record) ?? record;
        System.Diagnostics.Activity? span = null;
        if (KafkaActivities.HasListeners)
        {
            span = SendSpan.Start(in sent, _core.ClientId);
            sent = sent with { Headers = SendSpan.Inject(sent.Headers, span) };
        }

        if (_interceptors is null && span is null)
        {
            return AcceptAsync(in sent, observer: null, isAwaited, cancellationToken);
        }

        var observer = new ObservedRecord<TKey, TValue>(in sent, _interceptors, span);
        ValueTask<AcceptedRecord> accepting = AcceptAsync(in sent, observer, isAwaited, cancellationToken);
        return accepting.IsCompletedSuccessfully ? accepting : WatchAsync(accepting, observer);
    }

    /// <summary>Tells the observer of a record that is refused: no batch will.</summary>
    private static async ValueTask<AcceptedRecord> WatchAsync(ValueTask<AcceptedRecord> accepting, RecordObserver observer)
    {
        try
        {
            return await accepting.ConfigureAwait(false);
        }
        catch (Exception refusal)
        {
            observer.OnFailed(refusal);
            throw;
        }
    }

    private async Task FillAsync(
        ParkedRecord parked, ProducerRecord<TKey, TValue> record, ValueTask<SerializedLengths> writing, SerializerScratch scratch, RecordObserver? observer, bool isAwaited)
    {
        SerializedLengths lengths = await writing.ConfigureAwait(false);
        parked.Fill(ToPending(in record, scratch, lengths, observer, isAwaited));
        scratch.GiveBack();
    }

    private PendingRecord ToPending(in ProducerRecord<TKey, TValue> record, SerializerScratch scratch, SerializedLengths lengths, RecordObserver? observer, bool isAwaited)
    {
        return new PendingRecord
        {
            Topic = record.Topic,
            Partition = record.Partition ?? -1,
            Key = lengths.Key >= 0 ? scratch.Slice(0, lengths.Key) : BytesOf(_keyBytes, record.Key),
            Value = lengths.Value >= 0 ? scratch.Slice(Math.Max(lengths.Key, 0), lengths.Value) : BytesOf(_valueBytes, record.Value),
            Headers = record.Headers is null ? default : record.Headers.AsSpan(),
            Timestamp = record.Timestamp is { } time ? time.ToUnixTimeMilliseconds() : _core.RecordClock.Now,
            IsAwaited = isAwaited,
            Scope = _scope,
            Observer = observer,
        };
    }

    /// <summary>The bytes of a part that was not serialized: as they are, or null.</summary>
    private static RecordBytes BytesOf<T>(IBytesSource<T>? source, T part) => source is null || part is null ? RecordBytes.Null : source.BytesOf(part);

    private static void Check(in ProducerRecord<TKey, TValue> record)
    {
        ArgumentException.ThrowIfNullOrEmpty(record.Topic, "topic");
        if (record.Partition is < 0)
        {
            throw new UnknownPartitionException(
                new TopicPartition(record.Topic, record.Partition.Value), $"Partition {record.Partition} of '{record.Topic}' does not exist: partitions are numbered from 0.");
        }
    }

    private static int Write<T>(ISerializer<T> serializer, T part, SerializerScratch scratch, string topic, RecordPart name)
    {
        if (part is null || typeof(T) == typeof(Ignore))
        {
            return -1;
        }

        int before = scratch.Written;
        try
        {
            serializer.Serialize(part, scratch, new SerializationContext(topic, name));
        }
        catch (Exception fault) when (fault is not KafkaException)
        {
            throw Failed(fault, serializer, topic, name);
        }

        return scratch.Written - before;
    }

    private async ValueTask<SerializedLengths> WriteAsync(ProducerRecord<TKey, TValue> record, SerializerScratch scratch, CancellationToken cancellationToken)
    {
        int key = await WriteAsync(_keySerializer, record.Key, scratch, record.Topic, RecordPart.Key, cancellationToken).ConfigureAwait(false);
        int value = await WriteAsync(_valueSerializer, record.Value, scratch, record.Topic, RecordPart.Value, cancellationToken).ConfigureAwait(false);
        return new SerializedLengths(key, value);
    }

    private static async ValueTask<int> WriteAsync<T>(ISerializer<T> serializer, T part, SerializerScratch scratch, string topic, RecordPart name, CancellationToken cancellationToken)
    {
        if (serializer is not IAsyncSerializer<T> waiting || part is null)
        {
            return Write(serializer, part, scratch, topic, name);
        }

        int before = scratch.Written;
        try
        {
            await waiting.SerializeAsync(part, scratch, new SerializationContext(topic, name), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not KafkaException && !(fault is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw Failed(fault, serializer, topic, name);
        }

        return scratch.Written - before;
    }

    private static SerializationException Failed<T>(Exception fault, ISerializer<T> serializer, string topic, RecordPart name) =>
        new($"The {name} of a record for '{topic}' could not be serialized by {serializer.GetType().Name}: {fault.Message}", fault);
}
