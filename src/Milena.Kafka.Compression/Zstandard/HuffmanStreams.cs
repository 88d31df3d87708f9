using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decodes the Huffman streams of literals, one or four of them.</summary>
/// <remarks>
/// Streams are read from their last byte down, eight bytes at a time. The read at the lowest place covers the eight bytes before
/// a stream's first byte. They are inside the input whatever it holds: a frame's magic number, its header of at least two bytes
/// and a block header of three come before any stream.
/// </remarks>
internal static class HuffmanStreams
{
    /// <summary>The fewest bytes of a frame that come before the content of its first block.</summary>
    public const int BytesBefore = 9;

    private const int JumpTableLength = 6;
    private const int MinFourStreamSize = 6;

    // Five codes of at most eleven bits are in the 57 bits that a read yields at least.
    private const int CodesPerRead = 5;
    private const int BytesPerRead = 7;

    /// <summary>Decodes one stream that fills <paramref name="target"/>.</summary>
    public static void DecodeOne(HuffmanTable table, ReadOnlySpan<byte> source, int start, int end, Span<byte> target)
    {
        int bits = BackwardBitReader.CountBits(source, start, end);
        DecodeRest(table, source, start, bits, target);
    }

    /// <summary>Decodes four streams with their jump table in front; each fills a quarter of <paramref name="target"/>.</summary>
    public static void DecodeFour(HuffmanTable table, ReadOnlySpan<byte> source, int start, int end, Span<byte> target)
    {
        if (end - start < JumpTableLength + 4 || target.Length < MinFourStreamSize)
        {
            Corrupt.Throw(start, "no room for four Huffman streams");
        }

        int first = start + JumpTableLength;
        int second = first + BinaryPrimitives.ReadUInt16LittleEndian(source[start..]);
        int third = second + BinaryPrimitives.ReadUInt16LittleEndian(source[(start + 2)..]);
        int fourth = third + BinaryPrimitives.ReadUInt16LittleEndian(source[(start + 4)..]);
        if (fourth >= end)
        {
            Corrupt.Throw(start, "Huffman streams longer than their block");
        }

        int quarter = (target.Length + 3) / 4;
        Span<int> starts = [first, second, third, fourth];
        Span<int> bits =
        [
            BackwardBitReader.CountBits(source, first, second),
            BackwardBitReader.CountBits(source, second, third),
            BackwardBitReader.CountBits(source, third, fourth),
            BackwardBitReader.CountBits(source, fourth, end),
        ];
        int done = DecodeTogether(table, source, starts, bits, target, quarter);
        for (int i = 0; i < 4; i++)
        {
            int from = i * quarter;
            DecodeRest(table, source, starts[i], bits[i], target[(from + done)..Math.Min(from + quarter, target.Length)]);
        }
    }

    // All four at once as long as each has input and room for a whole round. Leaves in bits what each has left and returns how
    // many bytes of each quarter are done.
    private static int DecodeTogether(HuffmanTable table, ReadOnlySpan<byte> source, ReadOnlySpan<int> starts, Span<int> bits, Span<byte> target, int quarter)
    {
        ref byte input = ref MemoryMarshal.GetReference(source);
        ref ushort entries = ref table.First;
        int shift = 64 - table.Log;
        int room = target.Length - (3 * quarter);

        // A mark below the bits counts how many of them were shifted out: the zeros below it.
        int next1 = StartRead(starts[0], bits[0]);
        int next2 = StartRead(starts[1], bits[1]);
        int next3 = StartRead(starts[2], bits[2]);
        int next4 = StartRead(starts[3], bits[3]);
        ulong bits1 = 1UL << (-bits[0] & 7);
        ulong bits2 = 1UL << (-bits[1] & 7);
        ulong bits3 = 1UL << (-bits[2] & 7);
        ulong bits4 = 1UL << (-bits[3] & 7);
        int done = 0;
        while (true)
        {
            // Bound of all reads and writes below: a round moves each stream down by at most seven bytes and each output up by five,
            // and there are rounds only as long as every stream stays above its first byte and every output in its quarter.
            int lowest = Math.Min(Math.Min(next1 - starts[0], next2 - starts[1]), Math.Min(next3 - starts[2], next4 - starts[3]));
            int rounds = Math.Min(lowest / BytesPerRead, (room - done) / CodesPerRead);
            if (rounds <= 0)
            {
                break;
            }

            ref byte output1 = ref MemoryMarshal.GetReference(target[done..]);
            ref byte output2 = ref Unsafe.Add(ref output1, quarter);
            ref byte output3 = ref Unsafe.Add(ref output2, quarter);
            ref byte output4 = ref Unsafe.Add(ref output3, quarter);
            int stop = done + (rounds * CodesPerRead);
            for (; done < stop; done += CodesPerRead)
            {
                bits1 = Refill(ref input, ref next1, bits1);
                bits2 = Refill(ref input, ref next2, bits2);
                bits3 = Refill(ref input, ref next3, bits3);
                bits4 = Refill(ref input, ref next4, bits4);
                for (int i = 0; i < CodesPerRead; i++)
                {
                    int entry1 = Unsafe.Add(ref entries, (nint)(bits1 >> shift));
                    int entry2 = Unsafe.Add(ref entries, (nint)(bits2 >> shift));
                    int entry3 = Unsafe.Add(ref entries, (nint)(bits3 >> shift));
                    int entry4 = Unsafe.Add(ref entries, (nint)(bits4 >> shift));
                    bits1 <<= entry1;
                    bits2 <<= entry2;
                    bits3 <<= entry3;
                    bits4 <<= entry4;
                    Unsafe.Add(ref output1, i) = (byte)(entry1 >> 8);
                    Unsafe.Add(ref output2, i) = (byte)(entry2 >> 8);
                    Unsafe.Add(ref output3, i) = (byte)(entry3 >> 8);
                    Unsafe.Add(ref output4, i) = (byte)(entry4 >> 8);
                }

                output1 = ref Unsafe.Add(ref output1, CodesPerRead);
                output2 = ref Unsafe.Add(ref output2, CodesPerRead);
                output3 = ref Unsafe.Add(ref output3, CodesPerRead);
                output4 = ref Unsafe.Add(ref output4, CodesPerRead);
            }
        }

        bits[0] = CountLeft(starts[0], next1, bits1);
        bits[1] = CountLeft(starts[1], next2, bits2);
        bits[2] = CountLeft(starts[2], next3, bits3);
        bits[3] = CountLeft(starts[3], next4, bits4);
        return done;
    }

    // Decodes what is left of a stream, checking before each read that it is not used up. The stream must end with the output.
    private static void DecodeRest(HuffmanTable table, ReadOnlySpan<byte> source, int start, int bits, Span<byte> target)
    {
        ref byte input = ref MemoryMarshal.GetReference(source);
        ref ushort entries = ref table.First;
        int shift = 64 - table.Log;
        int done = 0;
        while (done < target.Length)
        {
            // Bound: bits is not negative here, so the read begins at most eight bytes before the stream (see the remarks).
            if (bits < 0)
            {
                Corrupt.Throw(start, "a Huffman stream that ends before its output");
            }

            ulong container = ReadWord(ref input, StartRead(start, bits)) << (-bits & 7);
            int codes = Math.Min(CodesPerRead, target.Length - done);
            for (int i = 0; i < codes; i++)
            {
                int entry = Unsafe.Add(ref entries, (nint)(container >> shift));
                container <<= entry;
                bits -= (byte)entry;
                target[done++] = (byte)(entry >> 8);
            }
        }

        if (bits != 0)
        {
            Corrupt.Throw(start, "a Huffman stream that does not end with its output");
        }
    }

    // Where the eight bytes begin that end with the byte of the next bit.
    private static int StartRead(int start, int bits) => start + ((bits + 7) >> 3) - sizeof(ulong);

    private static int CountLeft(int start, int next, ulong bits) => ((next + sizeof(ulong) - start) * 8) - BitOperations.TrailingZeroCount(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Refill(ref byte input, ref int next, ulong bits)
    {
        int used = BitOperations.TrailingZeroCount(bits);
        next -= used >> 3;
        return (ReadWord(ref input, next) | 1) << (used & 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadWord(ref byte input, int position)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref input, position));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }
}
