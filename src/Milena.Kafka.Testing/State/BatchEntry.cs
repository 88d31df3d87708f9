namespace Milena.Kafka.Testing.State;

/// <summary>Where one batch stands in its segment, and what look-ups need of it.</summary>
internal readonly record struct BatchEntry(long BaseOffset, int LastOffsetDelta, int Position, int Size, long MaxTimestamp)
{
    public long LastOffset => BaseOffset + LastOffsetDelta;
}
