using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Which offset of a partition is wanted. The default value is not one.</summary>
public readonly record struct OffsetSpec
{
    private OffsetSpec(long timestamp) => Timestamp = timestamp;

    /// <summary>The first record that the partition still has.</summary>
    public static OffsetSpec Earliest { get; } = new((long)ListOffsetsTimestamp.Earliest);

    /// <summary>Behind the last record; with <see cref="IsolationLevel.ReadCommitted"/>, the first of the oldest open transaction.</summary>
    public static OffsetSpec Latest { get; } = new((long)ListOffsetsTimestamp.Latest);

    /// <summary>The record with the highest timestamp (KIP-734). Needs brokers from 3.0.</summary>
    public static OffsetSpec MaxTimestamp { get; } = new((long)ListOffsetsTimestamp.MaxTimestamp);

    /// <summary>The first record on the broker's own disks (KIP-405). Needs brokers from 3.5.</summary>
    public static OffsetSpec EarliestLocal { get; } = new((long)ListOffsetsTimestamp.EarliestLocal);

    /// <summary>The last record in tiered storage (KIP-1005). Needs brokers from 3.9.</summary>
    public static OffsetSpec LatestTiered { get; } = new((long)ListOffsetsTimestamp.LatestTiered);

    /// <summary>The first record that waits to be copied to tiered storage (KIP-1023). Needs brokers from 4.2.</summary>
    public static OffsetSpec EarliestPendingUpload { get; } = new((long)ListOffsetsTimestamp.EarliestPendingUpload);

    /// <summary>What stands on the wire.</summary>
    internal long Timestamp { get; }

    /// <summary>The first record, in the order of offsets, whose timestamp is at or after a time.</summary>
    /// <param name="time">The time, counted in whole milliseconds; a part of one is rounded up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static OffsetSpec AtTime(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, DateTimeOffset.UnixEpoch);
        long whole = time.ToUnixTimeMilliseconds();
        return new OffsetSpec(DateTimeOffset.FromUnixTimeMilliseconds(whole) < time ? whole + 1 : whole);
    }

    /// <summary>The wish in words.</summary>
    public override string ToString() => Timestamp < 0
        ? ((ListOffsetsTimestamp)Timestamp).ToString()
        : DateTimeOffset.FromUnixTimeMilliseconds(Timestamp).ToString("O", CultureInfo.InvariantCulture);
}
