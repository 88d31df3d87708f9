namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The three latest offsets, which sequences name by a number (RFC 8878, 3.1.1.5).</summary>
internal struct RepeatOffsets
{
    public uint First;
    public uint Second;
    public uint Third;

    /// <summary>What a frame begins with.</summary>
    public static RepeatOffsets Initial => new() { First = 1, Second = 4, Third = 8 };
}
