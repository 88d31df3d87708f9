using System.Globalization;
using Milena.Kafka.Consumer.Internal;

namespace Milena.Kafka;

/// <summary>Where in a partition to start reading. The default value is <see cref="Beginning"/>.</summary>
public readonly record struct StartPosition
{
    private StartPosition(StartKind kind, long value)
    {
        Kind = kind;
        Value = value;
    }

    /// <summary>The oldest record that the partition still has.</summary>
    public static StartPosition Beginning { get; } = new(StartKind.Beginning, 0);

    /// <summary>Behind the newest record: only what is stored after the position was looked up. With <c>ReadCommitted</c>, behind the last record of a finished transaction.</summary>
    public static StartPosition End { get; } = new(StartKind.End, 0);

    /// <summary>Where the group has got to, by its committed offset; where it has none, <see cref="ConsumerOptions.AutoOffsetReset"/>. Needs a <see cref="ConsumerOptions.GroupId"/>.</summary>
    public static StartPosition Committed { get; } = new(StartKind.Committed, 0);

    internal StartKind Kind { get; }

    /// <summary>The offset, the milliseconds since 1970, or those before now.</summary>
    internal long Value { get; }

    /// <summary>The record of an offset, or the next one if it is gone.</summary>
    /// <param name="offset">The offset, from 0. One that the partition does not have is dealt with by <see cref="ConsumerOptions.OutOfRange"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    public static StartPosition At(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new StartPosition(StartKind.Offset, offset);
    }

    /// <summary>The first record, in the order of offsets, whose timestamp is at or after a time; <see cref="End"/> if there is none.</summary>
    /// <param name="timestamp">The time, counted in whole milliseconds; a part of one is rounded up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static StartPosition AtTimestamp(DateTimeOffset timestamp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timestamp, DateTimeOffset.UnixEpoch);
        long whole = timestamp.ToUnixTimeMilliseconds();
        bool hasRest = DateTimeOffset.FromUnixTimeMilliseconds(whole) < timestamp;
        return new StartPosition(StartKind.Timestamp, hasRest ? whole + 1 : whole);
    }

    /// <summary>The first record of the last so much time (KIP-1106), counted back from when the position is looked up; <see cref="End"/> if there is none.</summary>
    /// <param name="duration">How much time.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static StartPosition Ago(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return new StartPosition(StartKind.Ago, (long)duration.TotalMilliseconds);
    }

    /// <summary>The position in words.</summary>
    public override string ToString() => Kind switch
    {
        StartKind.Beginning => "beginning",
        StartKind.End => "end",
        StartKind.Committed => "committed offset",
        StartKind.Ago => $"{TimeSpan.FromMilliseconds(Value)} ago",
        StartKind.Offset => Value.ToString(CultureInfo.InvariantCulture),
        _ => $"timestamp {DateTimeOffset.FromUnixTimeMilliseconds(Value):O}",
    };
}
