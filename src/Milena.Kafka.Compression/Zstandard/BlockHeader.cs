namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The three bytes before each block.</summary>
internal readonly record struct BlockHeader(BlockType Type, int Size, bool IsLast)
{
    public const int Length = 3;

    /// <summary>The most bytes that any block may give.</summary>
    public const int MaxBlockSize = 128 * 1024;

    /// <summary>The bytes of input that follow the header; a run is one byte however long it becomes.</summary>
    public int ContentLength => Type == BlockType.Rle ? 1 : Size;

    /// <summary>Reads the header at <paramref name="position"/> and makes sure that all of the block is there.</summary>
    public static BlockHeader Read(ReadOnlySpan<byte> source, int position, int maxBlockSize)
    {
        if (source.Length - position < Length)
        {
            Corrupt.ThrowCutOff(position, "block header");
        }

        int bits = source[position] | source[position + 1] << 8 | source[position + 2] << 16;
        var header = new BlockHeader((BlockType)(bits >> 1 & 3), bits >> 3, (bits & 1) != 0);
        if (header.Type == BlockType.Reserved)
        {
            Corrupt.Throw(position, "a block of the reserved type");
        }

        if (header.Size > maxBlockSize)
        {
            Corrupt.Throw(position, $"a block of {header.Size:N0} bytes where {maxBlockSize:N0} are allowed");
        }

        if (source.Length - position - Length < header.ContentLength)
        {
            Corrupt.ThrowCutOff(position, "block");
        }

        return header;
    }
}
