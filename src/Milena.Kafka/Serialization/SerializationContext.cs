namespace Milena.Kafka;

/// <summary>What the bytes of a key or value are part of.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Part">Whether it is the key or the value.</param>
public readonly record struct SerializationContext(string Topic, RecordPart Part);
