using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Decodes the sequences of one LZ4 block.</summary>
internal static unsafe class Lz4BlockDecoder
{
    private const int MinMatch = 4;
    private const int LongLength = 15;
    private const int EndOfBlock = 1;

    // A token, 16 bytes of literal, of which up to 14 count, and an offset.
    private const int InputMargin = 1 + 16 + 2;

    // A short literal, the longest short match and what a wild copy may write beyond it.
    private const int OutputMargin = 14 + 18 + Match.WildSlack + 16;

    /// <summary>Decodes a block.</summary>
    /// <param name="source">The block; not empty.</param>
    /// <param name="destination">Earlier output that matches may reach, then the room for this block.</param>
    /// <param name="written">How much of the destination is earlier output.</param>
    /// <param name="position">Where in the source the end or the fault is.</param>
    /// <returns>The number of bytes, or a <see cref="BlockFault"/>.</returns>
    public static int Decode(ReadOnlySpan<byte> source, Span<byte> destination, int written, out int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)written, (uint)destination.Length, nameof(written));
        fixed (byte* input = source)
        fixed (byte* output = destination)
        {
            var cursor = new BlockCursor(input, source.Length, output, output + written, destination.Length - written);
            int result = DecodeFast(ref cursor);
            while (result == 0)
            {
                result = DecodeSequence(ref cursor);
            }

            position = (int)(cursor.Input - input);
            return result < 0 ? result : cursor.Written;
        }
    }

    // Runs as long as the margins are there, so that a short sequence needs no check but that of its offset. Long ones are checked in full.
    private static int DecodeFast(ref BlockCursor cursor)
    {
        if (cursor.InputLeft < InputMargin || cursor.OutputLeft < OutputMargin)
        {
            return 0;
        }

        byte* input = cursor.Input;
        byte* output = cursor.Output;
        byte* history = cursor.History;
        byte* lastInput = cursor.InputEnd - InputMargin;
        byte* lastOutput = cursor.OutputEnd - OutputMargin;
        int result = 0;
        while (input <= lastInput && output <= lastOutput)
        {
            uint token = *input;
            int literal = (int)(token >> 4);
            int length = (int)(token & LongLength) + MinMatch;
            if (literal == LongLength || length == LongLength + MinMatch)
            {
                cursor.Input = input;
                cursor.Output = output;
                result = DecodeSequence(ref cursor);
                input = cursor.Input;
                output = cursor.Output;
                if (result != 0)
                {
                    break;
                }

                continue;
            }

            // Bounds: 19 bytes of input and 64 of output are left; 17 are read and 16 written, of which up to 14 count.
            Vector128.Load(input + 1).Store(output);
            input += 1 + literal;
            output += literal;
            int offset = Unsafe.ReadUnaligned<ushort>(input);
            if ((nuint)(uint)(offset - 1) >= (nuint)(output - history))
            {
                result = BlockFault.BadOffset;
                break;
            }

            // Bounds: the offset is within the output; at most 18 bytes are copied, 50 are left.
            Match.CopyWild(output, offset, length);
            input += 2;
            output += length;
        }

        cursor.Input = input;
        cursor.Output = output;
        return result;
    }

    // One sequence with every bound checked. A block ends with literals: where they end the input, the block is whole.
    private static int DecodeSequence(ref BlockCursor cursor)
    {
        if (cursor.InputLeft < 1)
        {
            return BlockFault.CutOff;
        }

        int token = *cursor.Input++;
        int literal = ReadLength(ref cursor, token >> 4);
        if (literal < 0)
        {
            return literal;
        }

        int result = cursor.CopyLiteral(literal);
        if (result < 0 || cursor.InputLeft == 0)
        {
            return result < 0 ? result : EndOfBlock;
        }

        if (cursor.InputLeft < 2)
        {
            return BlockFault.CutOff;
        }

        int offset = cursor.Input[0] | (cursor.Input[1] << 8);
        cursor.Input += 2;
        int length = ReadLength(ref cursor, token & LongLength);
        return length < 0 ? length : cursor.CopyMatch(length + MinMatch, offset);
    }

    private static int ReadLength(ref BlockCursor cursor, int length)
    {
        if (length < LongLength)
        {
            return length;
        }

        byte next;
        do
        {
            if (cursor.InputLeft < 1)
            {
                return BlockFault.CutOff;
            }

            next = *cursor.Input++;
            length += next;

            // More than any block holds, and far from where the sum would overflow.
            if (length > cursor.OutputLeft)
            {
                return BlockFault.OutputFull;
            }
        }
        while (next == byte.MaxValue);
        return length;
    }
}
