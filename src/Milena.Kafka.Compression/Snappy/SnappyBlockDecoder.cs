using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Snappy;

/// <summary>Decodes the elements of one Snappy block into room of exactly its size.</summary>
internal static unsafe class SnappyBlockDecoder
{
    // A tag and the 16 bytes of a short literal, or a tag and an offset of four.
    private const int InputMargin = 17;

    // The longest copy and what a wild one may write beyond it; a literal of 16.
    private const int OutputMargin = 64 + Match.WildSlack;

    // Of each tag: the length, the upper bits of the offset (from bit 8), and how many bytes of offset follow (from bit 11).
    private static readonly ushort[] Tags = CreateTags();

    /// <summary>Decodes a block without its leading length.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="destination">The room that they must fill exactly.</param>
    /// <param name="position">Where in the source the end or the fault is.</param>
    /// <returns>The number of bytes, or a <see cref="BlockFault"/>.</returns>
    public static int Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int position)
    {
        fixed (byte* input = source)
        fixed (byte* output = destination)
        {
            var cursor = new BlockCursor(input, source.Length, output, output, destination.Length);
            int result = DecodeFast(ref cursor);
            if (result >= 0)
            {
                result = DecodeRest(ref cursor);
            }

            position = (int)(cursor.Input - input);
            return result;
        }
    }

    // Runs as long as the margins are there, so that short elements need no check of their own but that of the offset.
    private static int DecodeFast(ref BlockCursor cursor)
    {
        // Offsets are read as numbers of the machine.
        if (!BitConverter.IsLittleEndian || cursor.InputLeft < InputMargin || cursor.OutputLeft < OutputMargin)
        {
            return 0;
        }

        byte* input = cursor.Input;
        byte* output = cursor.Output;
        byte* start = cursor.History;
        byte* lastInput = cursor.InputEnd - InputMargin;
        byte* lastOutput = cursor.OutputEnd - OutputMargin;
        ref ushort tags = ref MemoryMarshal.GetArrayDataReference(Tags);
        int result = 0;
        while (input <= lastInput && output <= lastOutput)
        {
            uint tag = *input;
            if ((tag & 3) == 0)
            {
                // Bounds: 17 bytes of input and 80 of output are left, 16 are copied.
                Vector128.Load(input + 1).Store(output);
                int length = (int)(tag >> 2) + 1;
                if (length <= 16)
                {
                    input += length + 1;
                    output += length;
                    continue;
                }

                cursor.Input = input;
                cursor.Output = output;
                result = DecodeElement(ref cursor);
                input = cursor.Input;
                output = cursor.Output;
                if (result < 0)
                {
                    break;
                }

                continue;
            }

            // Bounds: the tag is a byte and the table has 256 entries; 16 bytes of input follow the tag, four are read.
            uint entry = Unsafe.Add(ref tags, tag);
            int extra = (int)(entry >> 11);
            uint offset = (entry & 0x700) + (Unsafe.ReadUnaligned<uint>(input + 1) & (uint)((1UL << (8 * extra)) - 1));
            if ((nuint)(offset - 1) >= (nuint)(output - start))
            {
                result = BlockFault.BadOffset;
                break;
            }

            // Bounds: the offset is within the output; at most 64 bytes are copied and 80 are left.
            int count = (int)(entry & 0xff);
            Match.CopyWild(output, (int)offset, count);
            input += 1 + extra;
            output += count;
        }

        cursor.Input = input;
        cursor.Output = output;
        return result;
    }

    private static int DecodeRest(ref BlockCursor cursor)
    {
        while (cursor.Input < cursor.InputEnd)
        {
            int result = DecodeElement(ref cursor);
            if (result < 0)
            {
                return result;
            }
        }

        return cursor.Written;
    }

    // One element with every bound checked.
    private static int DecodeElement(ref BlockCursor cursor)
    {
        uint tag = *cursor.Input;
        int extra = (tag & 3) != 0 ? Tags[tag] >> 11 : Math.Max(0, (int)(tag >> 2) - 59);
        if (cursor.InputLeft < 1 + extra)
        {
            return BlockFault.CutOff;
        }

        uint number = 0;
        for (int i = 0; i < extra; i++)
        {
            number |= (uint)cursor.Input[1 + i] << (8 * i);
        }

        if ((tag & 3) != 0)
        {
            int result = cursor.CopyMatch(Tags[tag] & 0xff, (long)(Tags[tag] & 0x700) + number);
            cursor.Input += result < 0 ? 0 : 1 + extra;
            return result;
        }

        long length = (extra == 0 ? tag >> 2 : number) + 1L;
        cursor.Input += 1 + extra;
        return cursor.CopyLiteral(length);
    }

    private static ushort[] CreateTags()
    {
        ushort[] tags = new ushort[256];
        for (int tag = 0; tag < tags.Length; tag++)
        {
            tags[tag] = (ushort)((tag & 3) switch
            {
                1 => (4 + ((tag >> 2) & 7)) | ((tag >> 5) << 8) | (1 << 11),
                2 => (1 + (tag >> 2)) | (2 << 11),
                3 => (1 + (tag >> 2)) | (4 << 11),
                _ => 0,
            });
        }

        return tags;
    }
}
