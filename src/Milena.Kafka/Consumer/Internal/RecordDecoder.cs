using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Turns stored records into typed ones. Serves any number of threads.</summary>
internal sealed class RecordDecoder<TKey, TValue>
{
    private readonly IDeserializer<TKey> _keys;
    private readonly IDeserializer<TValue> _values;
    private readonly IAsyncDeserializer<TKey>? _waitingKeys;
    private readonly IAsyncDeserializer<TValue>? _waitingValues;
    private readonly ConsumerInterceptors<TKey, TValue>? _interceptors;

    public RecordDecoder(IDeserializer<TKey> keys, IDeserializer<TValue> values, ConsumerInterceptors<TKey, TValue>? interceptors)
    {
        _keys = keys;
        _values = values;
        _waitingKeys = keys as IAsyncDeserializer<TKey>;
        _waitingValues = values as IAsyncDeserializer<TValue>;
        _interceptors = interceptors;
    }

    /// <summary>Whether a deserializer may have to wait, so that only <see cref="DecodeAsync"/> will do.</summary>
    public bool MayWait => _waitingKeys is not null || _waitingValues is not null;

    /// <summary>Decodes key and value. The rest of a record is put together by whoever hands it out, where it is wanted: copies of it would cost more than the decoding.</summary>
    /// <exception cref="SerializationException">A deserializer failed; says at which record.</exception>
    public void Decode(in RecordOrigin origin, in Record record, out TKey key, out TValue value)
    {
        RecordPart part = RecordPart.Key;
        try
        {
            key = _keys.Deserialize(record.KeySpan, record.IsKeyNull, new SerializationContext(origin.Partition.Topic, RecordPart.Key));
            part = RecordPart.Value;
            value = _values.Deserialize(record.ValueSpan, record.IsValueNull, new SerializationContext(origin.Partition.Topic, RecordPart.Value));
        }
        catch (Exception fault)
        {
            // Deserializers are the user's code and may throw anything; without its place the failure could not be acted on.
            throw Poison(origin, record, part, fault);
        }

        if (_interceptors is not null)
        {
            ConsumeResult<TKey, TValue> seen = Finish(origin, record, key, value);
            key = seen.Key;
            value = seen.Value;
        }
    }

    /// <summary>Decodes a record; complete at once if no deserializer had to wait. The record must stay valid until then.</summary>
    /// <exception cref="SerializationException">A deserializer failed; says at which record. Also thrown at once.</exception>
    public ValueTask<ConsumeResult<TKey, TValue>> DecodeAsync(in RecordOrigin origin, in Record record, CancellationToken cancellationToken)
    {
        RecordPart part = RecordPart.Key;
        try
        {
            ValueTask<TKey> keyDecoding = KeyAsync(origin, record, cancellationToken);
            if (!keyDecoding.IsCompletedSuccessfully)
            {
                return AwaitAsync(origin, record, keyDecoding, cancellationToken);
            }

            TKey key = keyDecoding.Result;
            part = RecordPart.Value;
            ValueTask<TValue> valueDecoding = ValueAsync(origin, record, cancellationToken);
            return valueDecoding.IsCompletedSuccessfully
                ? new(Finish(origin, record, key, valueDecoding.Result))
                : AwaitValueAsync(origin, record, key, valueDecoding, cancellationToken);
        }
        catch (Exception fault) when (!IsCancelled(fault, cancellationToken))
        {
            throw Poison(origin, record, part, fault);
        }
    }

    private static bool IsCancelled(Exception fault, CancellationToken cancellationToken) => fault is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private static SerializationException Poison(in RecordOrigin origin, in Record record, RecordPart part, Exception fault) =>
        new(new PoisonRecord(origin.Partition, record, part, fault));

    private ValueTask<TKey> KeyAsync(in RecordOrigin origin, in Record record, CancellationToken cancellationToken)
    {
        var context = new SerializationContext(origin.Partition.Topic, RecordPart.Key);
        return _waitingKeys is null
            ? new(_keys.Deserialize(record.KeySpan, record.IsKeyNull, context))
            : _waitingKeys.DeserializeAsync(record.Key, record.IsKeyNull, context, cancellationToken);
    }

    private ValueTask<TValue> ValueAsync(in RecordOrigin origin, in Record record, CancellationToken cancellationToken)
    {
        var context = new SerializationContext(origin.Partition.Topic, RecordPart.Value);
        return _waitingValues is null
            ? new(_values.Deserialize(record.ValueSpan, record.IsValueNull, context))
            : _waitingValues.DeserializeAsync(record.Value, record.IsValueNull, context, cancellationToken);
    }

    private async ValueTask<ConsumeResult<TKey, TValue>> AwaitAsync(RecordOrigin origin, Record record, ValueTask<TKey> pending, CancellationToken cancellationToken)
    {
        RecordPart part = RecordPart.Key;
        try
        {
            TKey key = await pending.ConfigureAwait(false);
            part = RecordPart.Value;
            TValue value = await ValueAsync(origin, record, cancellationToken).ConfigureAwait(false);
            return Finish(origin, record, key, value);
        }
        catch (Exception fault) when (!IsCancelled(fault, cancellationToken))
        {
            throw Poison(origin, record, part, fault);
        }
    }

    private async ValueTask<ConsumeResult<TKey, TValue>> AwaitValueAsync(
        RecordOrigin origin, Record record, TKey key, ValueTask<TValue> pending, CancellationToken cancellationToken)
    {
        try
        {
            return Finish(origin, record, key, await pending.ConfigureAwait(false));
        }
        catch (Exception fault) when (!IsCancelled(fault, cancellationToken))
        {
            throw Poison(origin, record, RecordPart.Value, fault);
        }
    }

    private ConsumeResult<TKey, TValue> Finish(in RecordOrigin origin, in Record record, TKey key, TValue value)
    {
        var result = new ConsumeResult<TKey, TValue>(origin, record, key, value);
        return _interceptors is null ? result : _interceptors.OnConsume(result);
    }
}
