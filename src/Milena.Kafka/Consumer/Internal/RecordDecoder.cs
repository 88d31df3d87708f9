using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Turns stored records into typed ones. Serves any number of threads.</summary>
internal sealed class RecordDecoder<TKey, TValue>
{
    private readonly IDeserializer<TKey> _keys;
    private readonly IDeserializer<TValue> _values;

    public RecordDecoder(IDeserializer<TKey> keys, IDeserializer<TValue> values)
    {
        _keys = keys;
        _values = values;
    }

    /// <exception cref="SerializationException">A deserializer failed; says at which record.</exception>
    public ConsumeResult<TKey, TValue> Decode(in RecordOrigin origin, in Record record)
    {
        TKey key;
        TValue value;
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
            throw new SerializationException(origin.Partition, record.Offset, part, fault);
        }

        return new ConsumeResult<TKey, TValue>(origin, record, key, value);
    }
}
