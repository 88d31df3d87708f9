namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decodes the literals section of a block (RFC 8878, 3.1.1.3.1).</summary>
internal sealed class LiteralsDecoder
{
    private const int Raw = 0;
    private const int Rle = 1;
    private const int Treeless = 3;

    private readonly byte[] _literals = new byte[BlockHeader.MaxBlockSize + Padding];
    private readonly HuffmanTable _table = new();
    private bool _hasTable;
    private int _length;

    /// <summary>Bytes behind the literals that may be read and mean nothing.</summary>
    public const int Padding = 32;

    /// <summary>The literals of the block; <see cref="Padding"/> more bytes lie behind them.</summary>
    public ReadOnlySpan<byte> Literals => _literals.AsSpan(0, _length);

    public void StartFrame() => _hasTable = false;

    /// <summary>Decodes the section.</summary>
    /// <param name="source">The whole input.</param>
    /// <param name="start">Where the section begins.</param>
    /// <param name="end">Where the block ends.</param>
    /// <param name="room">The most bytes that the block may give.</param>
    /// <returns>The first byte behind the section.</returns>
    public int Decode(ReadOnlySpan<byte> source, int start, int end, int room)
    {
        if (start >= end)
        {
            Corrupt.Throw(start, "a compressed block of no bytes");
        }

        int type = source[start] & 3;
        return type <= Rle ? DecodePlain(source, start, end, room, type) : DecodeCompressed(source, start, end, room, type);
    }

    private int DecodePlain(ReadOnlySpan<byte> source, int start, int end, int room, int type)
    {
        int format = source[start] >> 2 & 3;
        int headerLength = format switch { 1 => 2, 3 => 3, _ => 1 };
        ulong header = ReadHeader(source, start, end, headerLength);
        int size = (int)(header >> ((format & 1) == 0 ? 3 : 4));
        int content = start + headerLength;
        int contentLength = type == Raw ? size : 1;
        CheckSize(start, size, room);
        if (contentLength > end - content)
        {
            Corrupt.Throw(start, "literals that are cut off");
        }

        Span<byte> target = _literals.AsSpan(0, size);
        if (type == Raw)
        {
            source.Slice(content, size).CopyTo(target);
        }
        else
        {
            target.Fill(source[content]);
        }

        _length = size;
        return content + contentLength;
    }

    private int DecodeCompressed(ReadOnlySpan<byte> source, int start, int end, int room, int type)
    {
        int format = source[start] >> 2 & 3;
        (int headerLength, int sizeBits) = format switch { 2 => (4, 14), 3 => (5, 18), _ => (3, 10) };
        ulong header = ReadHeader(source, start, end, headerLength) >> 4;
        int size = (int)(header & ((1u << sizeBits) - 1));
        int streams = start + headerLength;
        int next = streams + (int)(header >> sizeBits);
        CheckSize(start, size, room);
        if (next > end)
        {
            Corrupt.Throw(start, "literals that are cut off");
        }

        if (type != Treeless)
        {
            streams = _table.Read(source, streams, next);
            _hasTable = true;
        }
        else if (!_hasTable)
        {
            Corrupt.Throw(start, "literals that repeat a Huffman tree where there was none");
        }

        Span<byte> target = _literals.AsSpan(0, size);
        if (format == 0)
        {
            HuffmanStreams.DecodeOne(_table, source, streams, next, target);
        }
        else
        {
            HuffmanStreams.DecodeFour(_table, source, streams, next, target);
        }

        _length = size;
        return next;
    }

    private static ulong ReadHeader(ReadOnlySpan<byte> source, int start, int end, int length)
    {
        if (end - start < length)
        {
            Corrupt.Throw(start, "a literals header that is cut off");
        }

        ulong header = 0;
        for (int i = 0; i < length; i++)
        {
            header |= (ulong)source[start + i] << (i * 8);
        }

        return header;
    }

    private static void CheckSize(int start, int size, int room)
    {
        if (size > room)
        {
            Corrupt.Throw(start, $"{size:N0} bytes of literals where the block has room for {room:N0}");
        }
    }
}
