using System.Buffers;
using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decodes frames one after the other. A workspace: one caller at a time, kept between calls.</summary>
internal sealed class FrameDecoder
{
    private const int MagicLength = 4;
    private const int SkippableHeaderLength = 8;

    private readonly BlockDecoder _blocks = new();

    /// <summary>Decodes all of <paramref name="source"/>.</summary>
    /// <param name="source">Whole frames, zstd's and skippable ones.</param>
    /// <param name="destination">Where the content of all frames goes.</param>
    /// <param name="limits">What the stream may cost.</param>
    public void Decode(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, in DecodeLimits limits)
    {
        int position = 0;
        int written = 0;
        do
        {
            if (source.Length - position < MagicLength)
            {
                Corrupt.ThrowCutOff(position, "frame header");
            }

            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(source[position..]);
            if (magic == FrameHeader.Magic)
            {
                written += DecodeFrame(source, ref position, destination, limits, written);
            }
            else if ((magic & FrameHeader.SkippableMask) == FrameHeader.SkippableMagic)
            {
                position = Skip(source, position);
            }
            else
            {
                Corrupt.Throw(position, $"0x{magic:X8} is not the magic number of a frame");
            }
        }
        while (position < source.Length);
    }

    private static int Skip(ReadOnlySpan<byte> source, int position)
    {
        if (source.Length - position < SkippableHeaderLength)
        {
            Corrupt.ThrowCutOff(position, "skippable frame");
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(source[(position + MagicLength)..]);
        if (size > source.Length - position - SkippableHeaderLength)
        {
            Corrupt.ThrowCutOff(position, "skippable frame");
        }

        return position + SkippableHeaderLength + (int)size;
    }

    private static void CheckWindow(in FrameHeader frame, int position, long maxWindowSize)
    {
        // The window of a single segment is its content, which has a limit of its own.
        if (!frame.IsSingleSegment && frame.WindowSize > maxWindowSize)
        {
            Corrupt.Throw(position, $"the frame asks for a window of {frame.WindowSize:N0} bytes where {maxWindowSize:N0} are allowed");
        }
    }

    // The size to take memory for: what the frame claims, or the most that its blocks can give.
    private static int CheckSize(ReadOnlySpan<byte> source, int position, in FrameHeader frame, int maxOutputSize, int written)
    {
        int left = maxOutputSize - written;
        FrameExtent extent = frame.ContentSize > left ? default : FrameExtent.Measure(source, position, frame);
        if (Math.Max(frame.ContentSize, extent.MinContentSize) > left)
        {
            Corrupt.ThrowLimit(position, maxOutputSize);
        }

        if (!frame.HasContentSize)
        {
            // One block more than the limit, so that what is too much is seen as such and not as a corrupt block.
            return (int)Math.Min(extent.MaxContentSize, Math.Min((long)left + BlockHeader.MaxBlockSize, Array.MaxLength));
        }

        if (frame.ContentSize < extent.MinContentSize || frame.ContentSize > extent.MaxContentSize)
        {
            Corrupt.Throw(position, $"the frame claims {frame.ContentSize:N0} bytes and its blocks hold {extent.MinContentSize:N0} to {extent.MaxContentSize:N0}");
        }

        return (int)frame.ContentSize;
    }

    private int DecodeFrame(ReadOnlySpan<byte> source, ref int position, IBufferWriter<byte> destination, in DecodeLimits limits, int written)
    {
        int start = position;
        FrameHeader frame = FrameHeader.Read(source, start);
        CheckWindow(frame, start, limits.MaxWindowSize);
        int size = CheckSize(source, start, frame, limits.MaxOutputSize, written);
        int left = limits.MaxOutputSize - written;
        var output = new FrameOutput(destination, size, frame.HasContentSize, left);
        try
        {
            position = DecodeBlocks(source, start + frame.Length, frame, ref output, left);
            if (output.Position > left)
            {
                Corrupt.ThrowLimit(start, limits.MaxOutputSize);
            }

            if (frame.HasContentSize && output.Position != frame.ContentSize)
            {
                Corrupt.Throw(start, $"the frame claims {frame.ContentSize:N0} bytes and holds {output.Position:N0}");
            }

            if (frame.HasChecksum)
            {
                CheckContent(source, position, output.Written);
                position += sizeof(uint);
            }

            output.Commit(destination);
            return output.Position;
        }
        finally
        {
            output.Release();
        }
    }

    // Ends early once there is more than the caller takes.
    private int DecodeBlocks(ReadOnlySpan<byte> source, int position, in FrameHeader frame, ref FrameOutput output, int left)
    {
        _blocks.StartFrame();
        int maxBlockSize = frame.MaxBlockSize;
        BlockHeader block;
        do
        {
            block = BlockHeader.Read(source, position, maxBlockSize);
            int room = Math.Min(maxBlockSize, output.Size - output.Position);
            output.Position = _blocks.Decode(source, position, block, new BlockTarget(output.Reserve(room), output.Position, room));
            position += BlockHeader.Length + block.ContentLength;
        }
        while (!block.IsLast && output.Position <= left);
        return position;
    }

    private static void CheckContent(ReadOnlySpan<byte> source, int position, ReadOnlySpan<byte> content)
    {
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(source[position..]);
        uint actual = XxHash64.Checksum(content);
        if (actual != expected)
        {
            Corrupt.Throw(position, $"the content has checksum 0x{actual:X8} where the frame says 0x{expected:X8}");
        }
    }
}
