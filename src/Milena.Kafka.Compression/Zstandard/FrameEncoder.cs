using System.Buffers;
using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes one frame. A workspace: one caller at a time, kept between calls.</summary>
internal sealed class FrameEncoder
{
    private const int MaxHeaderLength = 14;

    private readonly BlockEncoder _blocks = new();

    /// <summary>Writes <paramref name="source"/> as one frame.</summary>
    public void Encode(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, in EncodeParameters parameters, FrameOptions options)
    {
        WriteHeader(source.Length, destination, parameters.WindowLog, options);
        if (source.IsEmpty)
        {
            BlockEncoder.WriteRaw(source, isLast: true, destination);
        }
        else
        {
            WriteBlocks(source, destination, parameters);
        }

        if (options.WritesChecksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination.GetSpan(sizeof(uint)), XxHash64.Checksum(source));
            destination.Advance(sizeof(uint));
        }
    }

    private void WriteBlocks(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, in EncodeParameters parameters)
    {
        _blocks.StartFrame(parameters, source.Length);
        int blockSize = Math.Min(BlockHeader.MaxBlockSize, 1 << parameters.WindowLog);
        for (int start = 0; start < source.Length; start += blockSize)
        {
            _blocks.Write(source, start, Math.Min(source.Length, start + blockSize), destination);
        }
    }

    private static void WriteHeader(int size, IBufferWriter<byte> destination, int windowLog, FrameOptions options)
    {
        // A content within the window is its own window, if its size is told.
        bool isSingleSegment = options.WritesContentSize && size <= 1L << windowLog;
        int sizeFlag = !options.WritesContentSize ? 0 : size switch { < 256 when isSingleSegment => 0, < 256 => 2, < 65536 + 256 => 1, _ => 2 };

        Span<byte> header = destination.GetSpan(MaxHeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header, FrameHeader.Magic);
        header[4] = (byte)(sizeFlag << 6 | (isSingleSegment ? 0x20 : 0) | (options.WritesChecksum ? 0x04 : 0));
        int length = 5;
        if (!isSingleSegment)
        {
            header[length++] = (byte)((windowLog - FrameHeader.MinWindowLog) << 3);
        }

        switch (sizeFlag)
        {
            case 0 when isSingleSegment:
                header[length++] = (byte)size;
                break;
            case 1:
                BinaryPrimitives.WriteUInt16LittleEndian(header[length..], (ushort)(size - 256));
                length += sizeof(ushort);
                break;
            case 2:
                BinaryPrimitives.WriteInt32LittleEndian(header[length..], size);
                length += sizeof(int);
                break;
            default:
                break;
        }

        destination.Advance(length);
    }
}
