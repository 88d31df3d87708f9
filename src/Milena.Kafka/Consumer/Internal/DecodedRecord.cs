namespace Milena.Kafka.Consumer.Internal;

/// <summary>A record of a batch that was decoded before the batch is handed out.</summary>
/// <param name="Record">The record.</param>
/// <param name="Fault">Why it could not be read; null if it was.</param>
internal readonly record struct DecodedRecord<TKey, TValue>(ConsumeResult<TKey, TValue> Record, SerializationException? Fault)
{
    /// <summary>The offset of the record.</summary>
    public long Offset => Fault?.Offset ?? Record.Offset;
}
