using Milena.Kafka.Admin.Internal.Groups;

namespace Milena.Kafka;

/// <summary>Where the offsets of a group are to be put. All but <see cref="ToCurrent"/> end up within the log.</summary>
/// <remarks>As the scenarios of <c>kafka-consumer-groups.sh --reset-offsets</c>.</remarks>
public readonly record struct OffsetReset
{
    private OffsetReset(OffsetResetKind kind, long value)
    {
        Kind = kind;
        Value = value;
    }

    /// <summary>To the first record of each partition. This is the default value.</summary>
    public static OffsetReset ToEarliest { get; } = new(OffsetResetKind.Earliest, 0);

    /// <summary>Behind the last record of each partition.</summary>
    public static OffsetReset ToLatest { get; } = new(OffsetResetKind.Latest, 0);

    /// <summary>To where the group is; where it has stored nothing, behind the last record.</summary>
    public static OffsetReset ToCurrent { get; } = new(OffsetResetKind.Current, 0);

    internal OffsetResetKind Kind { get; }

    internal long Value { get; }

    /// <summary>To the first record that is not older; where there is none, behind the last record.</summary>
    /// <param name="time">The time.</param>
    public static OffsetReset ToTime(DateTimeOffset time) => new(OffsetResetKind.Time, time.ToUnixTimeMilliseconds());

    /// <summary>To the first record that is not older than so long before now; where there is none, behind the last record.</summary>
    /// <param name="age">How long ago.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static OffsetReset ToAgo(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new OffsetReset(OffsetResetKind.Ago, (long)age.TotalMilliseconds);
    }

    /// <summary>By so many records forward, or back if negative, but not beyond the log. Partitions without a stored offset fail.</summary>
    /// <param name="records">How many.</param>
    public static OffsetReset By(long records) => new(OffsetResetKind.Shift, records);

    /// <summary>To this offset in every partition, or the end of the log that is nearer.</summary>
    /// <param name="offset">The offset.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static OffsetReset ToOffset(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new OffsetReset(OffsetResetKind.Offset, offset);
    }

    /// <summary>The target in words, for logs.</summary>
    public override string ToString() => Kind switch
    {
        OffsetResetKind.Time => $"to {DateTimeOffset.FromUnixTimeMilliseconds(Value):O}",
        OffsetResetKind.Ago => $"to {TimeSpan.FromMilliseconds(Value)} ago",
        OffsetResetKind.Shift => $"by {Value}",
        OffsetResetKind.Offset => $"to offset {Value}",
        _ => $"to {Kind}",
    };
}
