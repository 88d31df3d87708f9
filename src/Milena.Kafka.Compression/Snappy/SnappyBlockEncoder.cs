using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Snappy;

/// <summary>Encodes Snappy blocks: a length, then literals and copies found through a hash table of the last place of each four bytes.</summary>
internal static unsafe class SnappyBlockEncoder
{
    /// <summary>Entries of the largest table.</summary>
    public const int TableSize = 1 << 14;

    // Copies reach 64 KiB back: what is longer is encoded in fragments that know nothing of one another.
    private const int FragmentSize = 1 << 16;
    private const int MinTableSize = 1 << 8;

    // Up to the size of a framed block half the table is enough: one per cent more bytes, but clearing it is most of the time that noise takes.
    private const int SmallLength = 1 << 15;
    private const int SmallTableSize = 1 << 13;
    private const int InputMargin = 15;

    /// <summary>The most bytes that a block of this many can take, with what the encoder may write beyond its end.</summary>
    public static long MaxEncodedLength(int length) => 32L + length + (length / 6);

    /// <summary>Encodes one block.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="destination">Room for <see cref="MaxEncodedLength"/> bytes.</param>
    /// <param name="table">A workspace of <see cref="TableSize"/>, with anything in it.</param>
    /// <returns>The length of the block.</returns>
    public static int Encode(ReadOnlySpan<byte> source, Span<byte> destination, Span<ushort> table)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxEncodedLength(source.Length), nameof(destination));
        ArgumentOutOfRangeException.ThrowIfLessThan(table.Length, TableSize, nameof(table));
        fixed (byte* input = source)
        fixed (byte* output = destination)
        fixed (ushort* places = table)
        {
            byte* end = WriteLength(output, (uint)source.Length);
            for (int at = 0; at < source.Length; at += FragmentSize)
            {
                int length = Math.Min(source.Length - at, FragmentSize);
                int most = length <= SmallLength ? SmallTableSize : TableSize;
                int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(length, MinTableSize, most));
                table[..size].Clear();
                end = EncodeFragment(input + at, length, end, places, 32 - BitOperations.Log2((uint)size));
            }

            return (int)(end - output);
        }
    }

    private static byte* WriteLength(byte* output, uint length)
    {
        while (length >= 0x80)
        {
            *output++ = (byte)(length | 0x80);
            length >>= 7;
        }

        *output++ = (byte)length;
        return output;
    }

    // Bounds: every place in the table is below input, as input starts behind the first byte and the table is 0 where nothing was put;
    // the hash has as many bits as the table has entries; no four bytes are read beyond last + 4, which is within the source.
    private static byte* EncodeFragment(byte* source, int length, byte* output, ushort* table, int shift)
    {
        byte* end = source + length;
        byte* literal = source;
        if (length < InputMargin)
        {
            return EmitRest(output, literal, end);
        }

        byte* last = end - InputMargin;
        byte* input = source + 1;
        while (true)
        {
            byte* candidate = FindMatch(source, ref input, last, table, shift);
            if (candidate == null)
            {
                return EmitRest(output, literal, end);
            }

            output = EmitLiteral(output, literal, (int)(input - literal));
            uint next;
            do
            {
                int count = 4 + Match.Length(candidate + 4, input + 4, end);
                output = EmitCopy(output, (int)(input - candidate), count);
                input += count;
                literal = input;
                if (input >= last)
                {
                    return EmitRest(output, literal, end);
                }

                table[Hash(Unsafe.ReadUnaligned<uint>(input - 1), shift)] = (ushort)(input - 1 - source);
                next = Unsafe.ReadUnaligned<uint>(input);
                uint hash = Hash(next, shift);
                candidate = source + table[hash];
                table[hash] = (ushort)(input - source);
            }
            while (next == Unsafe.ReadUnaligned<uint>(candidate));

            input++;
        }
    }

    // Looks at every byte first and at fewer and fewer as it finds nothing: what cannot be compressed is passed over quickly.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* FindMatch(byte* source, ref byte* position, byte* last, ushort* table, int shift)
    {
        byte* next = position;
        uint nextHash = Hash(Unsafe.ReadUnaligned<uint>(next), shift);
        uint skip = 32;
        byte* input;
        byte* candidate;
        do
        {
            input = next;
            uint hash = nextHash;
            uint step = skip >> 5;
            skip += step;
            next = input + step;
            if (next > last)
            {
                return null;
            }

            nextHash = Hash(Unsafe.ReadUnaligned<uint>(next), shift);
            candidate = source + table[hash];
            table[hash] = (ushort)(input - source);
        }
        while (Unsafe.ReadUnaligned<uint>(input) != Unsafe.ReadUnaligned<uint>(candidate));

        position = input;
        return candidate;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(uint bytes, int shift) => (bytes * 0x1e35a7bd) >> shift;

    // Bounds: 16 bytes may be read, as a match and the input margin follow the literal; 16 may be written, as MaxEncodedLength has 32 to spare.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* EmitLiteral(byte* output, byte* literal, int length)
    {
        if (length <= 16)
        {
            *output = (byte)((length - 1) << 2);
            Vector128.Load(literal).Store(output + 1);
            return output + 1 + length;
        }

        return EmitLongLiteral(output, literal, length);
    }

    private static byte* EmitRest(byte* output, byte* literal, byte* end) =>
        literal < end ? EmitLongLiteral(output, literal, (int)(end - literal)) : output;

    private static byte* EmitLongLiteral(byte* output, byte* literal, int length)
    {
        int less = length - 1;
        if (less < 60)
        {
            *output++ = (byte)(less << 2);
        }
        else if (less < 256)
        {
            *output++ = 60 << 2;
            *output++ = (byte)less;
        }
        else
        {
            *output++ = 61 << 2;
            *output++ = (byte)less;
            *output++ = (byte)(less >> 8);
        }

        Buffer.MemoryCopy(literal, output, length, length);
        return output + length;
    }

    // Copies of 64 bytes as long as four or more are left behind the last, since the short form starts at four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* EmitCopy(byte* output, int offset, int length)
    {
        while (length >= 68)
        {
            output = EmitFarCopy(output, offset, 64);
            length -= 64;
        }

        if (length > 64)
        {
            output = EmitFarCopy(output, offset, 60);
            length -= 60;
        }

        if (length >= 12 || offset >= 2048)
        {
            return EmitFarCopy(output, offset, length);
        }

        *output++ = (byte)(1 | ((length - 4) << 2) | ((offset >> 8) << 5));
        *output++ = (byte)offset;
        return output;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* EmitFarCopy(byte* output, int offset, int length)
    {
        // Four bytes are written, three count: MaxEncodedLength has 32 to spare.
        uint copy = 2u | ((uint)(length - 1) << 2) | ((uint)offset << 8);
        Unsafe.WriteUnaligned(output, BitConverter.IsLittleEndian ? copy : BinaryPrimitives.ReverseEndianness(copy));
        return output + 3;
    }
}
