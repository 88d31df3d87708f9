namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes the literals section of a block (RFC 8878, 3.1.1.3.1). What a block changes holds from <see cref="Commit"/> on.</summary>
internal sealed class LiteralsEncoder
{
    private const int Raw = 0;
    private const int Rle = 1;
    private const int Compressed = 2;
    private const int Treeless = 3;

    // Fewer are hardly worth a tree.
    private const int MinSize = 64;

    private const int SampleSize = 4096;
    private const int SampledSize = 10 * SampleSize;
    private const int MinFourStreamSize = 256;
    private const int JumpTableLength = 6;

    private readonly ByteHistogram _histogram = new();
    private HuffmanCode _code = new();
    private HuffmanCode _spare = new();
    private bool _hasCode;
    private bool _isChanged;

    public void StartFrame() => _hasCode = false;

    /// <summary>The block was written: its tree can be used again.</summary>
    public void Commit()
    {
        if (_isChanged)
        {
            (_code, _spare) = (_spare, _code);
            _hasCode = true;
        }
    }

    /// <summary>Writes the section.</summary>
    /// <param name="literals">The literals of the block.</param>
    /// <param name="compress">They may go through a Huffman code.</param>
    /// <param name="target">Has room for them, their header and padding.</param>
    /// <param name="position">Where the section begins.</param>
    /// <returns>The first byte behind it.</returns>
    public int Write(ReadOnlySpan<byte> literals, bool compress, Span<byte> target, int position)
    {
        _isChanged = false;
        if (!compress || literals.Length < MinSize)
        {
            return WriteRaw(literals, target, position);
        }

        if (literals.Length >= SampledSize && LooksLikeNoise(literals))
        {
            return WriteRaw(literals, target, position);
        }

        _histogram.Count(literals);
        if (_histogram.Largest == literals.Length)
        {
            int next = WritePlainHeader(Rle, literals.Length, target, position);
            target[next] = literals[0];
            return next + 1;
        }

        return IsFlat(literals.Length) ? WriteRaw(literals, target, position) : WriteCompressed(literals, target, position);
    }

    // Counting all of many literals costs more than all else if they turn out to be noise: two samples tell.
    private bool LooksLikeNoise(ReadOnlySpan<byte> literals)
    {
        _histogram.Count(literals[..SampleSize]);
        if (!IsFlat(SampleSize))
        {
            return false;
        }

        _histogram.Count(literals[^SampleSize..]);
        return IsFlat(SampleSize);
    }

    // Bytes that occur about equally often give nothing.
    private bool IsFlat(int size) => _histogram.Largest <= (size >> 7) + 4;

    private static int WriteRaw(ReadOnlySpan<byte> literals, Span<byte> target, int position)
    {
        int next = WritePlainHeader(Raw, literals.Length, target, position);
        literals.CopyTo(target[next..]);
        return next + literals.Length;
    }

    private static int WritePlainHeader(int type, int size, Span<byte> target, int position) => size switch
    {
        < 32 => WriteHeader((ulong)(type | size << 3), 1, target, position),
        < 4096 => WriteHeader((ulong)(type | 1 << 2 | size << 4), 2, target, position),
        _ => WriteHeader((ulong)(type | 3 << 2 | size << 4), 3, target, position),
    };

    private static int WriteHeader(ulong header, int length, Span<byte> target, int position)
    {
        for (int i = 0; i < length; i++)
        {
            target[position + i] = (byte)(header >> (i * 8));
        }

        return position + length;
    }

    private int WriteCompressed(ReadOnlySpan<byte> literals, Span<byte> target, int position)
    {
        ReadOnlySpan<int> counts = _histogram.Counts;
        long repeated = _hasCode ? _code.Cost(counts) : long.MaxValue;
        bool hasNew = _spare.Build(counts, literals.Length);
        long described = hasNew ? _spare.Cost(counts) + (_spare.Description.Length * 8) : long.MaxValue;
        _isChanged = described < repeated;

        // The lengths of four streams, and up to a byte more for each stream than its codes take.
        int size = literals.Length;
        int overhead = 5 + (size < MinFourStreamSize ? 1 : JumpTableLength + 4);
        int allowed = size - (size >> 6) - 2;
        if (Math.Min(repeated, described) > (allowed - overhead) * 8L)
        {
            _isChanged = false;
            return WriteRaw(literals, target, position);
        }

        (int headerLength, int sizeBits, int format) = size switch { < MinFourStreamSize => (3, 10, 0), < 1024 => (3, 10, 1), < 16384 => (4, 14, 2), _ => (5, 18, 3) };
        int next = position + headerLength;
        if (_isChanged)
        {
            _spare.Description.CopyTo(target[next..]);
            next += _spare.Description.Length;
        }

        HuffmanCode code = _isChanged ? _spare : _code;
        next = format == 0 ? HuffmanStreamsWriter.WriteOne(code, literals, target, next) : HuffmanStreamsWriter.WriteFour(code, literals, target, next);
        ulong compressedSize = (ulong)(next - position - headerLength);
        uint type = _isChanged ? Compressed : (uint)Treeless;
        WriteHeader(type | (uint)format << 2 | (ulong)size << 4 | compressedSize << (4 + sizeBits), headerLength, target, position);
        return next;
    }
}
