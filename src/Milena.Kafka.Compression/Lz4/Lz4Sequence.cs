using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Writes the sequences of LZ4 blocks. Callers have room for <see cref="MaxEncodedLength"/> bytes.</summary>
internal static unsafe class Lz4Sequence
{
    public const int MinMatch = 4;

    /// <summary>The farthest that a match reaches back.</summary>
    public const int MaxOffset = 65535;

    /// <summary>How many bytes at the end of a block start no match: 12 by the format, 16 here, so that literals can be copied by 16.</summary>
    public const int MatchFreeEnd = 16;

    /// <summary>The last 5 bytes of a block are literals.</summary>
    public const int LiteralEnd = 5;

    private const int LongLength = 15;

    // What the wild copy of a literal and the four bytes of a length may write beyond their ends.
    private const int Slack = 32;

    /// <summary>The most bytes that a block of this many can take, with what an encoder may write beyond its end.</summary>
    public static int MaxEncodedLength(int length) => length + (length / 255) + 16 + Slack;

    /// <summary>Writes one sequence.</summary>
    /// <remarks>Bounds: 16 bytes are read from the literal's start, and <see cref="MatchFreeEnd"/> follow the place where the match starts.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Write(byte* output, byte* literal, int literalLength, int offset, int matchLength)
    {
        byte* token = output++;
        int code = matchLength - MinMatch;
        if (literalLength < LongLength)
        {
            *token = (byte)((literalLength << 4) | Math.Min(code, LongLength));
            Vector128.Load(literal).Store(output);
            output += literalLength;
        }
        else
        {
            *token = (byte)((LongLength << 4) | Math.Min(code, LongLength));
            output = WriteLength(output, literalLength - LongLength);
            Buffer.MemoryCopy(literal, output, literalLength, literalLength);
            output += literalLength;
        }

        *output++ = (byte)offset;
        *output++ = (byte)(offset >> 8);
        return code < LongLength ? output : WriteLength(output, code - LongLength);
    }

    /// <summary>Writes the literals that end a block.</summary>
    public static byte* WriteRest(byte* output, byte* literal, byte* end)
    {
        long length = end - literal;
        *output++ = (byte)(Math.Min(length, LongLength) << 4);
        if (length >= LongLength)
        {
            output = WriteLength(output, (int)length - LongLength);
        }

        Buffer.MemoryCopy(literal, output, length, length);
        return output + length;
    }

    private static byte* WriteLength(byte* output, int length)
    {
        if (length >= byte.MaxValue)
        {
            int full = length / byte.MaxValue;
            new Span<byte>(output, full).Fill(byte.MaxValue);
            output += full;
            length -= full * byte.MaxValue;
        }

        *output++ = (byte)length;
        return output;
    }
}
