using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How hard to look for matches, told from the level and the size of the input.</summary>
/// <param name="Strategy">Which finder works.</param>
/// <param name="WindowLog">How far back matches may reach, as a power of two.</param>
/// <param name="HashLog">The size of the first hash table.</param>
/// <param name="SecondLog">The size of the second hash table, or of the chains.</param>
/// <param name="MinMatch">Bytes that the hash of short matches covers.</param>
/// <param name="Effort">Fast: bytes to step ahead when nothing is found. Lazy: places to look at.</param>
/// <param name="CompressesLiterals">Literals go through Huffman codes.</param>
internal readonly record struct EncodeParameters(
    MatchStrategy Strategy, int WindowLog, int HashLog, int SecondLog, int MinMatch, int Effort, bool CompressesLiterals = true)
{
    public const int MinLevel = -131072;
    public const int MaxLevel = 22;
    public const int DefaultLevel = 3;

    // Up to this size short matches pay, since their offsets are small.
    private const int SmallSize = 256 * 1024;

    private const int TinySize = 16 * 1024;

    /// <summary>The parameters of a level that was checked; 0 is the default level.</summary>
    public static EncodeParameters For(int level, int size)
    {
        EncodeParameters parameters = ForLevel(level == 0 ? DefaultLevel : level, size);

        // No table larger than twice the places that it can hold.
        int sizeLog = Math.Max(FrameHeader.MinWindowLog, BitOperations.Log2((uint)Math.Max(size - 1, 1)) + 1);
        return parameters with
        {
            WindowLog = Math.Min(parameters.WindowLog, sizeLog),
            HashLog = Math.Min(parameters.HashLog, sizeLog + 1),
            SecondLog = Math.Min(parameters.SecondLog, parameters.Strategy == MatchStrategy.Lazy ? sizeLog : sizeLog + 1),
        };
    }

    private static EncodeParameters ForLevel(int level, int size)
    {
        bool isSmall = size <= SmallSize;
        return level switch
        {
            < 0 => new(MatchStrategy.Fast, 19, 13, 0, isSmall ? 5 : 6, (2 - level) / 2, CompressesLiterals: false),
            1 => new(MatchStrategy.Fast, 19, isSmall ? 13 : 14, 0, size <= TinySize ? 5 : isSmall ? 6 : 7, 1),
            2 => new(MatchStrategy.Fast, 20, isSmall ? 15 : 16, 0, isSmall ? 5 : 6, 1),
            3 => new(MatchStrategy.DoubleFast, 21, isSmall ? 16 : 17, isSmall ? 15 : 16, size <= TinySize ? 4 : 5, 1),
            4 => new(MatchStrategy.DoubleFast, 21, 18, 18, isSmall ? 4 : 5, 1),
            5 => new(MatchStrategy.Lazy, 21, 17, 17, 5, 4),
            6 => new(MatchStrategy.Lazy, 21, 18, 18, 5, 8),
            7 => new(MatchStrategy.Lazy, 21, 19, 19, 5, 12),
            8 => new(MatchStrategy.Lazy, 21, 19, 19, 5, 20),
            9 => new(MatchStrategy.Lazy, 22, 20, 20, 5, 24),
            <= 12 => new(MatchStrategy.Lazy, 22, 20, 21, 5, 16 << (level - 9)),
            <= 15 => new(MatchStrategy.Lazy, 22, 20, 22, 5, 160 + (32 * (level - 13))),
            _ => new(MatchStrategy.Lazy, 23, 20, 23, 5, 256),
        };
    }
}
