namespace Milena.Kafka;

/// <summary>Where a record was stored.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Offset">The record's offset; -1 with <see cref="Protocol.Acks.None"/>, where brokers do not answer.</param>
/// <param name="Timestamp">The record's time: the broker's if the topic has log append time, else the producer's. Whole milliseconds.</param>
public readonly record struct DeliveryResult(string Topic, int Partition, long Offset, DateTimeOffset Timestamp);
