using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>What stands before the blocks of a frame (RFC 8878, 3.1.1.1).</summary>
/// <param name="Length">Bytes of the header, magic number included.</param>
/// <param name="ContentSize">The size that the frame claims to have; -1 if it claims none.</param>
/// <param name="WindowSize">How far back matches may reach.</param>
/// <param name="IsSingleSegment">The window is the whole content.</param>
/// <param name="HasChecksum">Four bytes of checksum follow the last block.</param>
internal readonly record struct FrameHeader(int Length, long ContentSize, long WindowSize, bool IsSingleSegment, bool HasChecksum)
{
    public const uint Magic = 0xFD2FB528;
    public const uint SkippableMagic = 0x184D2A50;
    public const uint SkippableMask = 0xFFFFFFF0;
    public const int MinWindowLog = 10;

    private const int DescriptorOffset = 4;

    public bool HasContentSize => ContentSize >= 0;

    public int MaxBlockSize => (int)Math.Min(WindowSize, BlockHeader.MaxBlockSize);

    /// <summary>Reads the header at <paramref name="position"/>, where the magic number has been seen already.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> source, int position)
    {
        ReadOnlySpan<byte> header = source[position..];
        if (header.Length <= DescriptorOffset)
        {
            Corrupt.ThrowCutOff(position, "frame header");
        }

        byte descriptor = header[DescriptorOffset];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        int windowLength = isSingleSegment ? 0 : 1;
        int dictionaryLength = (1 << (descriptor & 3)) >> 1;
        int sizeLength = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        int length = DescriptorOffset + 1 + windowLength + dictionaryLength + sizeLength;
        if (header.Length < length)
        {
            Corrupt.ThrowCutOff(position, "frame header");
        }

        if ((descriptor & 0x08) != 0)
        {
            Corrupt.Throw(position, "a frame header with the reserved bit set");
        }

        ulong dictionary = ReadNumber(header.Slice(DescriptorOffset + 1 + windowLength, dictionaryLength));
        if (dictionary != 0)
        {
            Corrupt.Throw(position, $"the frame asks for dictionary {dictionary}, and dictionaries are not supported");
        }

        ulong contentSize = ReadNumber(header.Slice(length - sizeLength, sizeLength)) + (sizeLength == 2 ? 256u : 0u);
        if (contentSize > long.MaxValue)
        {
            Corrupt.Throw(position, $"the frame claims {contentSize:N0} bytes");
        }

        long claimed = sizeLength == 0 ? -1 : (long)contentSize;
        long windowSize = isSingleSegment ? claimed : ReadWindowSize(header[DescriptorOffset + 1]);
        return new FrameHeader(length, claimed, windowSize, isSingleSegment, (descriptor & 0x04) != 0);
    }

    private static long ReadWindowSize(byte descriptor)
    {
        long windowBase = 1L << (MinWindowLog + (descriptor >> 3));
        return windowBase + (windowBase / 8 * (descriptor & 7));
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        0 => 0,
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
    };
}
