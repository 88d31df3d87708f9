using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes literals as one Huffman stream or as four.</summary>
internal static class HuffmanStreamsWriter
{
    private const int JumpTableLength = 6;

    // Five codes of at most eleven bits fit between two flushes.
    private const int CodesPerFlush = 5;

    /// <summary>Writes one stream.</summary>
    /// <remarks>Bound: the caller has counted the bits, and gives a target with room for them and eight bytes more.</remarks>
    /// <returns>The first byte behind it.</returns>
    public static int WriteOne(HuffmanCode code, ReadOnlySpan<byte> literals, Span<byte> target, int position)
    {
        ref uint codes = ref code.First;
        ref byte input = ref MemoryMarshal.GetReference(literals);
        var bits = new ForwardBitWriter(ref MemoryMarshal.GetReference(target), position);
        int left = literals.Length;
        for (int i = left % CodesPerFlush; i > 0; i--)
        {
            Add(ref bits, ref codes, Unsafe.Add(ref input, --left));
        }

        bits.Flush();
        for (; left > 0; left -= CodesPerFlush)
        {
            Add(ref bits, ref codes, Unsafe.Add(ref input, left - 1));
            Add(ref bits, ref codes, Unsafe.Add(ref input, left - 2));
            Add(ref bits, ref codes, Unsafe.Add(ref input, left - 3));
            Add(ref bits, ref codes, Unsafe.Add(ref input, left - 4));
            Add(ref bits, ref codes, Unsafe.Add(ref input, left - 5));
            bits.Flush();
        }

        return bits.Close();
    }

    /// <summary>Writes four streams of a quarter each, with the table of their lengths.</summary>
    /// <returns>The first byte behind them.</returns>
    public static int WriteFour(HuffmanCode code, ReadOnlySpan<byte> literals, Span<byte> target, int position)
    {
        int quarter = (literals.Length + 3) / 4;
        int next = position + JumpTableLength;
        for (int i = 0; i < 3; i++)
        {
            int end = WriteOne(code, literals.Slice(i * quarter, quarter), target, next);
            BinaryPrimitives.WriteUInt16LittleEndian(target[(position + (2 * i))..], (ushort)(end - next));
            next = end;
        }

        return WriteOne(code, literals[(3 * quarter)..], target, next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref ForwardBitWriter bits, ref uint codes, byte literal)
    {
        uint code = Unsafe.Add(ref codes, literal);
        bits.Add(code >> 16, (int)(code & 0xFFFF));
    }
}
