using System.Buffers.Binary;
using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Normalized counts of symbols as an FSE table description carries them (RFC 8878, 4.1.1). A workspace for reading one after the other.</summary>
internal sealed class FseDistribution
{
    public const int MinLog = 5;

    private readonly short[] _counts = new short[256];

    /// <summary>The table has 2 to the power of this many states.</summary>
    public int Log { get; private set; }

    /// <summary>States per symbol; -1 stands for a symbol with less than one.</summary>
    public ReadOnlySpan<short> Counts => _counts.AsSpan(0, SymbolCount);

    private int SymbolCount { get; set; }

    /// <summary>Reads a description.</summary>
    /// <param name="source">The whole input.</param>
    /// <param name="start">Where the description begins.</param>
    /// <param name="end">Where it must have ended.</param>
    /// <param name="maxLog">The largest table allowed here.</param>
    /// <param name="symbols">How many symbols are allowed here.</param>
    /// <returns>The first byte behind it.</returns>
    public int Read(ReadOnlySpan<byte> source, int start, int end, int maxLog, int symbols)
    {
        ReadOnlySpan<byte> bytes = source[start..end];
        Log = (int)Peek(bytes, 0, 4) + MinLog;
        if (Log > maxLog)
        {
            Corrupt.Throw(start, $"an FSE table of 2^{Log} states where 2^{maxLog} are allowed");
        }

        int bit = 4;
        int remaining = 1 << Log;
        int symbol = 0;
        while (remaining > 0 && symbol < symbols)
        {
            int count = ReadCount(bytes, ref bit, remaining);
            remaining -= Math.Abs(count);
            _counts[symbol++] = (short)count;
            if (count == 0)
            {
                symbol = ReadZeros(bytes, ref bit, symbol, symbols);
            }
        }

        int length = (bit + 7) >> 3;
        if (remaining != 0 || symbol > symbols || length > bytes.Length)
        {
            Corrupt.Throw(start, "an FSE table whose counts do not add up");
        }

        SymbolCount = symbol;
        return start + length;
    }

    // A count takes as many bits as what is left needs, and one bit less if it is small.
    private static int ReadCount(ReadOnlySpan<byte> bytes, ref int bit, int remaining)
    {
        int width = BitOperations.Log2((uint)remaining + 1) + 1;
        int value = (int)Peek(bytes, bit, width);
        int small = (1 << (width - 1)) - 1;
        int threshold = (1 << width) - 1 - (remaining + 1);
        if ((value & small) < threshold)
        {
            bit += width - 1;
            return (value & small) - 1;
        }

        bit += width;
        return (value > small ? value - threshold : value) - 1;
    }

    private int ReadZeros(ReadOnlySpan<byte> bytes, ref int bit, int symbol, int symbols)
    {
        uint zeros;
        do
        {
            zeros = Peek(bytes, bit, 2);
            bit += 2;
            for (uint i = 0; i < zeros && symbol < symbols; i++)
            {
                _counts[symbol++] = 0;
            }
        }
        while (zeros == 3 && symbol < symbols);
        return symbol;
    }

    // Bits behind the end are zero; the caller sees from the length that they were used.
    private static uint Peek(ReadOnlySpan<byte> bytes, int bit, int count)
    {
        int first = bit >> 3;
        uint value = 0;
        if (bytes.Length - first >= sizeof(uint))
        {
            value = BinaryPrimitives.ReadUInt32LittleEndian(bytes[first..]);
        }
        else
        {
            for (int i = first; i < bytes.Length; i++)
            {
                value |= (uint)bytes[i] << ((i - first) * 8);
            }
        }

        return (value >> (bit & 7)) & ((1u << count) - 1);
    }
}
