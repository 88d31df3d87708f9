namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>What an <see cref="OffsetReset"/> goes by.</summary>
internal enum OffsetResetKind
{
    Earliest,
    Latest,
    Current,
    Time,
    Ago,
    Shift,
    Offset,
}
