namespace Milena.Kafka;

/// <summary>What a reset does, or would do, to the offset of one partition.</summary>
/// <param name="Before">What the group had stored; null for nothing.</param>
/// <param name="After">What it has then.</param>
/// <param name="LogStart">The first offset of the log.</param>
/// <param name="LogEnd">The offset behind the last record of the log.</param>
/// <param name="IsClamped">Whether what was asked for lies outside of the log, so that its nearer end was taken.</param>
public sealed record OffsetResetStep(long? Before, long After, long LogStart, long LogEnd, bool IsClamped);
