namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Decides where a reset puts the offset of one partition. Pure.</summary>
internal static class OffsetResetPlan
{
    /// <summary>The step of one partition; null if it cannot be done because the group has stored nothing.</summary>
    /// <param name="reset">What was asked for.</param>
    /// <param name="before">What the group has stored; null for nothing.</param>
    /// <param name="log">The log.</param>
    /// <param name="found">Where the time was found that was asked for; null if no record is late enough, or no time was asked for.</param>
    public static OffsetResetStep? Of(OffsetReset reset, long? before, LogRange log, long? found) => reset.Kind switch
    {
        OffsetResetKind.Earliest => Exactly(log.Start, before, log),
        OffsetResetKind.Latest => Exactly(log.End, before, log),
        OffsetResetKind.Current => Exactly(before ?? log.End, before, log),
        OffsetResetKind.Time or OffsetResetKind.Ago => Exactly(found ?? log.End, before, log),
        OffsetResetKind.Offset => Within(reset.Value, before, log),
        _ => before is null ? null : Within(Sum(before.Value, reset.Value), before, log),
    };

    private static OffsetResetStep Exactly(long after, long? before, LogRange log) => new(before, after, log.Start, log.End, IsClamped: false);

    private static OffsetResetStep Within(long wanted, long? before, LogRange log)
    {
        long after = Math.Clamp(wanted, log.Start, Math.Max(log.Start, log.End));
        return new OffsetResetStep(before, after, log.Start, log.End, after != wanted);
    }

    private static long Sum(long offset, long shift) => shift > long.MaxValue - offset ? long.MaxValue : offset + shift;
}
