namespace Milena.Kafka.Compression.Zstandard;

/// <summary>One of the three alphabets of sequences: what its codes stand for and its predefined distribution (RFC 8878, 3.1.1.3.2).</summary>
internal sealed class SequenceCode
{
    private readonly uint[] _baselines;
    private readonly byte[] _extraBits;
    private readonly short[] _defaultCounts;

    private SequenceCode(string name, int maxLog, int defaultLog, uint[] baselines, byte[] extraBits, short[] defaultCounts)
    {
        Name = name;
        MaxLog = maxLog;
        DefaultLog = defaultLog;
        _baselines = baselines;
        _extraBits = extraBits;
        _defaultCounts = defaultCounts;
    }

    public static SequenceCode LiteralLength { get; } = CreateLengths(
        "literal length", 9, 0, 16, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1]);

    public static SequenceCode MatchLength { get; } = CreateLengths(
        "match length", 9, 3, 32, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
        [
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
        ]);

    public static SequenceCode Offset { get; } = CreateOffsets(
        [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]);

    public string Name { get; }

    /// <summary>The largest table that a block may describe.</summary>
    public int MaxLog { get; }

    public int DefaultLog { get; }

    public ReadOnlySpan<uint> Baselines => _baselines;

    public ReadOnlySpan<byte> ExtraBits => _extraBits;

    public ReadOnlySpan<short> DefaultCounts => _defaultCounts;

    // Codes below a bound stand for one value each, from the smallest on; those above for ranges that follow each other.
    private static SequenceCode CreateLengths(string name, int maxLog, uint smallest, int direct, ReadOnlySpan<byte> rangeBits, short[] defaultCounts)
    {
        var baselines = new uint[direct + rangeBits.Length];
        var extraBits = new byte[baselines.Length];
        uint next = smallest;
        for (int code = 0; code < baselines.Length; code++)
        {
            extraBits[code] = code < direct ? (byte)0 : rangeBits[code - direct];

            baselines[code] = next;
            next += 1u << extraBits[code];
        }

        return new SequenceCode(name, maxLog, 6, baselines, extraBits, defaultCounts);
    }

    private static SequenceCode CreateOffsets(short[] defaultCounts)
    {
        var baselines = new uint[32];
        var extraBits = new byte[32];
        for (int code = 0; code < baselines.Length; code++)
        {
            baselines[code] = 1u << code;
            extraBits[code] = (byte)code;
        }

        return new SequenceCode("offset", 8, 5, baselines, extraBits, defaultCounts);
    }
}
