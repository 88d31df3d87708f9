using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Compression.Snappy;

namespace Milena.Kafka.Compression;

/// <summary>Snappy: little compression for little time. The bare block and the framing of Kafka's Java client are both read.</summary>
/// <param name="format">What is written.</param>
public sealed class SnappyCodec(SnappyFormat format = SnappyFormat.Framed) : ICompressionCodec
{
    private const int FrameBlockSize = 32 * 1024;
    private const int HeadSize = 16;

    // Every three bytes of a block give 64 at most.
    private const int MostFromBytes = 64;
    private const int OfBytes = 3;

    // The eight bytes of the magic, the version of the format and the oldest version that can read it.
    private static ReadOnlySpan<byte> Head => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

    private static ReadOnlySpan<byte> Magic => Head[..8];

    /// <inheritdoc/>
    public string Name => "snappy";

    /// <inheritdoc/>
    /// <remarks>Snappy has no levels; any is ignored.</remarks>
    /// <exception cref="ArgumentException">The source has more bytes than one array can hold compressed, about 1.8 billion.</exception>
    public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (source.Length > Array.MaxLength / 7L * 6)
        {
            throw new ArgumentException($"Snappy takes up to {Array.MaxLength / 7L * 6:N0} bytes at once, not {source.Length:N0}.", nameof(source));
        }

        using var bytes = new ContiguousSource(source);
        ushort[] table = ArrayPool<ushort>.Shared.Rent(SnappyBlockEncoder.TableSize);
        try
        {
            if (format == SnappyFormat.Raw)
            {
                WriteBlock(bytes.Span, destination, table);
            }
            else
            {
                WriteFrame(bytes.Span, destination, table);
            }
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(table);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Snappy has no checksum: damage that leaves the structure whole is not seen here. Framed streams may follow one another; they have
    /// no end mark, so one that is cut off between two blocks passes for a whole one.
    /// </remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        ReadOnlySpan<byte> bytes = source.Span;
        if (!bytes.StartsWith(Magic))
        {
            ReadBlock(bytes, 0, destination, maxOutputSize, maxOutputSize);
            return;
        }

        ReadFrame(bytes, destination, maxOutputSize);
    }

    private static void WriteBlock(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, ushort[] table)
    {
        Span<byte> block = destination.GetSpan((int)SnappyBlockEncoder.MaxEncodedLength(source.Length));
        destination.Advance(SnappyBlockEncoder.Encode(source, block, table));
    }

    private static void WriteFrame(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, ushort[] table)
    {
        destination.Write(Head);
        while (!source.IsEmpty)
        {
            int length = Math.Min(source.Length, FrameBlockSize);
            Span<byte> block = destination.GetSpan(sizeof(int) + (int)SnappyBlockEncoder.MaxEncodedLength(length));
            int encoded = SnappyBlockEncoder.Encode(source[..length], block[sizeof(int)..], table);
            BinaryPrimitives.WriteInt32BigEndian(block, encoded);
            destination.Advance(sizeof(int) + encoded);
            source = source[length..];
        }
    }

    private void ReadFrame(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int limit)
    {
        int position = 0;
        int left = limit;
        while (position < source.Length)
        {
            ReadOnlySpan<byte> rest = source[position..];
            if (rest.StartsWith(Magic))
            {
                // The versions are not looked at: there is one, and clients were seen to write others.
                position += rest.Length >= HeadSize ? HeadSize : Cut(position, "head");
                continue;
            }

            int length = rest.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32BigEndian(rest) : Cut(position, "length of a block");
            position += sizeof(int);
            if (length < 0 || length > source.Length - position)
            {
                InvalidStream.Throw(Name, $"a block of {length:N0} bytes where {source.Length - position:N0} are left", position - sizeof(int));
            }

            left -= ReadBlock(source.Slice(position, length), position, destination, left, limit);
            position += length;
        }
    }

    private int Cut(int position, string what)
    {
        InvalidStream.Throw(Name, $"it ends within the {what}", position);
        return 0;
    }

    private int ReadBlock(ReadOnlySpan<byte> block, int position, IBufferWriter<byte> destination, int left, int limit)
    {
        uint length = ReadLength(block, position, out int start);
        ReadOnlySpan<byte> elements = block[start..];
        if (length > (ulong)elements.Length * MostFromBytes / OfBytes)
        {
            InvalidStream.Throw(Name, $"{elements.Length:N0} bytes claim to hold {length:N0}", position);
        }

        if (length > left)
        {
            InvalidStream.ThrowTooLarge(Name, position, limit);
        }

        if (length == 0)
        {
            return elements.IsEmpty ? 0 : Fault(BlockFault.OutputFull, position + start);
        }

        int written = SnappyBlockDecoder.Decode(elements, destination.GetSpan((int)length)[..(int)length], out int end);
        if (written != length)
        {
            Fault(written < 0 ? written : BlockFault.CutOff, position + start + end);
        }

        destination.Advance(written);
        return written;
    }

    private int Fault(int fault, int position)
    {
        InvalidStream.Throw(Name, BlockFault.Describe(fault), position);
        return 0;
    }

    private uint ReadLength(ReadOnlySpan<byte> block, int position, out int size)
    {
        ulong length = 0;
        for (int i = 0; i < Math.Min(block.Length, 5); i++)
        {
            length |= (ulong)(block[i] & 0x7f) << (7 * i);
            if (block[i] < 0x80)
            {
                size = i + 1;
                if (length <= uint.MaxValue)
                {
                    return (uint)length;
                }

                break;
            }
        }

        InvalidStream.Throw(Name, "its length is cut off or has more than 32 bits", position);
        size = 0;
        return 0;
    }
}
