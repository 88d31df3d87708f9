using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>A match that could be taken.</summary>
/// <param name="Length">Bytes; 0 if there is none.</param>
/// <param name="Offset">How far back it begins.</param>
/// <param name="IsRepeat">The offset is the recent one that costs next to nothing.</param>
internal readonly record struct FoundMatch(int Length, int Offset, bool IsRepeat)
{
    /// <summary>What it saves, less what its offset costs, in quarters of a byte more or less.</summary>
    public int Gain => (Length * 4) - (IsRepeat ? 0 : BitOperations.Log2((uint)Offset + Sequence.OffsetBase));
}
