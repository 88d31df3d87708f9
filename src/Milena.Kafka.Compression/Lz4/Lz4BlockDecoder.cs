using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Decodes the sequences of one LZ4 block.</summary>
internal static unsafe class Lz4BlockDecoder
{
    private const int MinMatch = 4;
    private const int LongLength = 15;
    private const int EndOfBlock = 1;

    // Long literals and matches are copied in steps of 32.
    private const int LongStep = 32;

    // A token, 16 bytes of literal, of which up to 14 count, and an offset; or what the last step reads beyond a long literal.
    private const int InputMargin = LongStep;

    // A short literal and the two steps of 16 of a short match, or what the last step writes beyond a long one.
    private const int OutputMargin = 64;

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
            int result;
            do
            {
                DecodeFast(ref cursor);
                result = DecodeSequence(ref cursor);
            }
            while (result == 0);

            position = (int)(cursor.Input - input);
            return result < 0 ? result : cursor.Written;
        }
    }

    // Runs as long as the margins are there, so that a short sequence needs no check but that of its offset. Stops before a sequence that
    // reaches into the margins, and before any fault.
    private static void DecodeFast(ref BlockCursor cursor)
    {
        // Offsets are read as numbers of the machine.
        if (!BitConverter.IsLittleEndian || cursor.InputLeft < InputMargin || cursor.OutputLeft < OutputMargin)
        {
            return;
        }

        byte* input = cursor.Input;
        byte* output = cursor.Output;
        byte* history = cursor.History;
        byte* lastInput = cursor.InputEnd - InputMargin;
        byte* lastOutput = cursor.OutputEnd - OutputMargin;
        while (input <= lastInput && output <= lastOutput)
        {
            // Bounds: 32 bytes of input and 64 of output are left; 17 are read and 16 written, of which up to 14 count. A longer literal
            // leaves as much of both.
            nint token = *input;
            byte* next = input + 1;
            nint literal = token >> 4;
            Vector128.Load(next).Store(output);
            if (literal == LongLength && !TryCopyLong(ref next, lastInput, output, (nint)(lastOutput - output), ref literal))
            {
                break;
            }

            byte* to = output + literal;
            next += literal;
            nint offset = Unsafe.ReadUnaligned<ushort>(next);
            next += sizeof(ushort);
            if ((nuint)(offset - 1) >= (nuint)(to - history))
            {
                break;
            }

            // Bounds: the offset is within the output; a short match has up to 18 bytes and 50 are left, a long one leaves 64.
            nint length = token & LongLength;
            if (length != LongLength)
            {
                length += MinMatch;
                CopyShort(to, offset, length);
            }
            else if (TryReadLength(ref next, lastInput, ref length) && length <= lastOutput - to - MinMatch)
            {
                length += MinMatch;
                CopyLong(to, offset, length);
            }
            else
            {
                break;
            }

            input = next;
            output = to + length;
        }

        cursor.Input = input;
        cursor.Output = output;
    }

    // Up to 18 bytes, without asking how many. Bounds: 32 bytes of room.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyShort(byte* to, nint offset, nint length)
    {
        if (offset < Vector128<byte>.Count)
        {
            Match.CopyWild(to, offset, length);
            return;
        }

        Vector128.Load(to - offset).Store(to);
        Unsafe.WriteUnaligned(to + 16, Unsafe.ReadUnaligned<ushort>(to - offset + 16));
    }

    // Bounds: the match ends before the margin, which has room for a step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyLong(byte* to, nint offset, nint length)
    {
        if (offset < Vector128<byte>.Count)
        {
            Match.CopyWild(to, offset, length);
            return;
        }

        CopySteps(to - offset, to, length);
    }

    // The halves of a step one after the other, as the source may end 16 bytes before the place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySteps(byte* from, byte* to, nint length)
    {
        byte* end = to + length;
        do
        {
            Vector128.Load(from).Store(to);
            Vector128.Load(from + 16).Store(to + 16);
            from += LongStep;
            to += LongStep;
        }
        while (to < end);
    }

    // Bounds: bytes are read up to the end only, and the sum is far from overflow, as a block has at most 4 MiB.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadLength(ref byte* input, byte* end, ref nint length)
    {
        byte next;
        do
        {
            if (input >= end)
            {
                return false;
            }

            next = *input++;
            length += next;
        }
        while (next == byte.MaxValue);
        return true;
    }

    // Bounds: the literal ends before both margins, so that the last step stays within them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCopyLong(ref byte* input, byte* lastInput, byte* output, nint room, ref nint length)
    {
        byte* from = input;
        nint total = length;
        if (!TryReadLength(ref from, lastInput, ref total) || total > lastInput - from || total > room)
        {
            return false;
        }

        input = from;
        length = total;
        CopySteps(from, output, total);
        return true;
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
