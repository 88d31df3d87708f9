namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Produces records and awaits the delivery of all, group by group.</summary>
internal interface IGroupCaller
{
    /// <summary>Produces a group and awaits it.</summary>
    /// <param name="keys">The keys in turn; empty for none.</param>
    /// <param name="value">The value of all.</param>
    /// <param name="count">How many records.</param>
    /// <param name="since">The time from which latencies count; null for that of each call.</param>
    ValueTask ProduceAsync(byte[][] keys, byte[] value, int count, long? since);
}
