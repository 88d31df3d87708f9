using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>The head of an LZ4 frame: how its blocks are made, and how much comes out of them.</summary>
internal readonly struct Lz4FrameHeader
{
    public const uint Magic = 0x184D2204;
    public const uint LegacyMagic = 0x184C2102;
    public const uint SkippableMagic = 0x184D2A50;
    public const uint SkippableMask = 0xFFFFFFF0;

    /// <summary>The bit of a block's length that says that it is not compressed.</summary>
    public const uint StoredFlag = 0x80000000;

    /// <summary>Magic, flags, block size, content size and checksum.</summary>
    public const int MaxSize = 15;

    private const int Version = 1 << 6;
    private const int VersionMask = 3 << 6;
    private const int IndependentFlag = 1 << 5;
    private const int BlockChecksumFlag = 1 << 4;
    private const int ContentSizeFlag = 1 << 3;
    private const int ContentChecksumFlag = 1 << 2;
    private const int ReservedFlag = 1 << 1;
    private const int DictionaryFlag = 1;

    private Lz4FrameHeader(int flags, int maxBlockSize, ulong contentSize, int size)
    {
        LinkedBlocks = (flags & IndependentFlag) == 0;
        BlockChecksums = (flags & BlockChecksumFlag) != 0;
        ContentChecksum = (flags & ContentChecksumFlag) != 0;
        ContentSize = (flags & ContentSizeFlag) != 0 ? contentSize : null;
        MaxBlockSize = maxBlockSize;
        Size = size;
    }

    public bool LinkedBlocks { get; }

    public bool BlockChecksums { get; }

    public bool ContentChecksum { get; }

    public ulong? ContentSize { get; }

    public int MaxBlockSize { get; }

    /// <summary>The bytes that the head itself takes.</summary>
    public int Size { get; }

    public static int BlockSizeOf(Lz4BlockSize size) => 1 << (8 + (2 * (int)size));

    /// <summary>Reads a head whose magic number has been seen.</summary>
    /// <param name="source">The frame and what follows.</param>
    /// <param name="position">Where the frame starts, for messages.</param>
    /// <param name="acceptsMagicInChecksum">Whether the checksum of KAFKA-3160 is taken too.</param>
    public static Lz4FrameHeader Read(ReadOnlySpan<byte> source, int position, bool acceptsMagicInChecksum)
    {
        int flags = source.Length > 6 ? source[4] : Fail("it ends within the head of a frame", position);
        int block = source[5];
        if ((flags & VersionMask) != Version)
        {
            Fail($"version {flags >> 6} of the frame format, which has version 1 only", position + 4);
        }

        if ((flags & ReservedFlag) != 0 || (block & 0x8f) != 0 || (block >> 4) is < 4 or > 7)
        {
            Fail($"reserved bits or an unknown block size in the head (0x{flags:x2} 0x{block:x2})", position + 4);
        }

        int size = 6 + ((flags & ContentSizeFlag) != 0 ? 8 : 0) + ((flags & DictionaryFlag) != 0 ? 4 : 0);
        if (source.Length <= size)
        {
            Fail("it ends within the head of a frame", position);
        }

        byte checksum = source[size];
        if (checksum != Checksum(source[4..size]) && !(acceptsMagicInChecksum && checksum == Checksum(source[..size])))
        {
            Fail("the checksum of the head is wrong", position + size);
        }

        if ((flags & DictionaryFlag) != 0)
        {
            Fail($"it needs the dictionary {BinaryPrimitives.ReadUInt32LittleEndian(source[(size - 4)..])}; dictionaries are not supported", position + size - 4);
        }

        ulong contentSize = (flags & ContentSizeFlag) != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(source[6..]) : 0;
        return new Lz4FrameHeader(flags, BlockSizeOf((Lz4BlockSize)(block >> 4)), contentSize, size + 1);
    }

    /// <summary>Writes a head.</summary>
    /// <returns>Its size, at most <see cref="MaxSize"/>.</returns>
    public static int Write(Span<byte> destination, Lz4FrameOptions options, long contentSize)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        destination[4] = (byte)(Version
            | (options.LinkedBlocks ? 0 : IndependentFlag)
            | (options.BlockChecksums ? BlockChecksumFlag : 0)
            | (options.ContentSize ? ContentSizeFlag : 0)
            | (options.ContentChecksum ? ContentChecksumFlag : 0));
        destination[5] = (byte)((int)options.BlockSize << 4);
        int size = 6;
        if (options.ContentSize)
        {
            BinaryPrimitives.WriteInt64LittleEndian(destination[size..], contentSize);
            size += sizeof(long);
        }

        destination[size] = Checksum(destination[(options.HeaderChecksumCoversMagic ? 0 : 4)..size]);
        return size + 1;
    }

    private static byte Checksum(ReadOnlySpan<byte> head) => (byte)(XxHash32.Compute(head) >> 8);

    private static int Fail(string fault, int position)
    {
        InvalidStream.Throw(Lz4Codec.CodecName, fault, position);
        return 0;
    }
}
