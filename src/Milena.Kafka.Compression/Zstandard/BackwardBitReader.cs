using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>
/// Reads a bit stream from its end to its begin, with every bound checked. What runs hot (Huffman streams, sequences) reads by its own loop.
/// Bits before the begin read as zero and leave <see cref="BitsLeft"/> negative.
/// </summary>
internal ref struct BackwardBitReader
{
    private readonly ReadOnlySpan<byte> _stream;

    /// <summary>Finds the mark that ends the stream: the highest bit set of the last byte.</summary>
    public BackwardBitReader(ReadOnlySpan<byte> source, int start, int end)
    {
        BitsLeft = CountBits(source, start, end);
        _stream = source[start..end];
    }

    /// <summary>Bits not read yet; negative once more were asked for than there are.</summary>
    public int BitsLeft { get; private set; }

    /// <summary>The bits before the end mark of the stream in <paramref name="source"/> from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public static int CountBits(ReadOnlySpan<byte> source, int start, int end)
    {
        if (end <= start || source[end - 1] == 0)
        {
            Corrupt.Throw(start, "a bit stream without an end mark");
        }

        return ((end - start - 1) * 8) + BitOperations.Log2(source[end - 1]);
    }

    /// <summary>Reads up to 32 bits.</summary>
    public uint Read(int count)
    {
        BitsLeft -= count;
        if (BitsLeft <= -64)
        {
            return 0;
        }

        // The eight bytes from the one that holds the lowest wanted bit on; what lies outside the stream is zero.
        int first = BitsLeft >> 3;
        ulong bits = 0;
        for (int i = 0; i < sizeof(ulong); i++)
        {
            int index = first + i;
            bits |= (uint)index < (uint)_stream.Length ? (ulong)_stream[index] << (i * 8) : 0;
        }

        return (uint)(bits >> (BitsLeft & 7)) & (uint)((1UL << count) - 1);
    }
}
