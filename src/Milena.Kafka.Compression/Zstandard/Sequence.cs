namespace Milena.Kafka.Compression.Zstandard;

/// <summary>So many literals, then a match.</summary>
/// <param name="LiteralLength">Literals before the match.</param>
/// <param name="MatchLength">Bytes of the match, at least four.</param>
/// <param name="OffsetNumber">As the format writes it: 1 to 3 name a recent offset, others are three more than the offset.</param>
internal readonly record struct Sequence(int LiteralLength, int MatchLength, uint OffsetNumber)
{
    /// <summary>The latest offset; directly after a match (no literals) the one before it.</summary>
    public const uint LatestOffset = 1;

    /// <summary>What offsets are written above.</summary>
    public const uint OffsetBase = 3;
}
