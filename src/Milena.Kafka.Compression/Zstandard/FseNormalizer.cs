using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Turns how often symbols occur into states of an FSE table, and writes that down (RFC 8878, 4.1.1).</summary>
internal static class FseNormalizer
{
    /// <summary>A table size that suits so many symbols: small for few of them, since the description costs too.</summary>
    public static int ChooseLog(int total, int symbols, int maxLog)
    {
        int log = Math.Min(maxLog, BitOperations.Log2((uint)Math.Max(total - 1, 1)) - 2);
        int least = Math.Min(BitOperations.Log2((uint)total) + 1, BitOperations.Log2((uint)Math.Max(symbols - 1, 1)) + 2);
        return Math.Min(maxLog, Math.Max(Math.Max(log, least), FseDistribution.MinLog));
    }

    /// <summary>Shares out 2^<paramref name="log"/> states; every symbol that occurs gets one at least. Two different symbols must occur.</summary>
    public static void Normalize(ReadOnlySpan<int> histogram, int total, int log, Span<short> counts)
    {
        int left = 1 << log;
        int largest = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            int count = histogram[symbol];
            int share = count == 0 ? 0 : Math.Max(1, (int)((((long)count << log) + (total / 2)) / total));
            counts[symbol] = (short)share;
            left -= share;
            largest = count > histogram[largest] ? symbol : largest;
        }

        while (left < 0)
        {
            // Rounding and the least shares took too much: it goes where one state less hurts least.
            int richest = 0;
            for (int symbol = 1; symbol < counts.Length; symbol++)
            {
                richest = counts[symbol] > counts[richest] ? symbol : richest;
            }

            counts[richest]--;
            left++;
        }

        counts[largest] += (short)left;
    }

    /// <summary>Writes the description of a table.</summary>
    /// <remarks>Bound: at most 257 counts of at most ten bits and as many marks for zeros, 512 bytes; the target has more.</remarks>
    /// <returns>The first byte behind it.</returns>
    public static int Write(ReadOnlySpan<short> counts, int log, ref byte target, int position)
    {
        var bits = new ForwardBitWriter(ref target, position);
        bits.Add((uint)(log - FseDistribution.MinLog), 4);
        int remaining = 1 << log;
        int symbol = 0;
        while (remaining > 0)
        {
            int count = counts[symbol++];
            WriteCount(ref bits, count, remaining);
            remaining -= Math.Abs(count);
            if (count == 0)
            {
                symbol = WriteZeros(ref bits, counts, symbol);
            }

            bits.Flush();
        }

        return bits.CloseForward();
    }

    private static void WriteCount(ref ForwardBitWriter bits, int count, int remaining)
    {
        int width = BitOperations.Log2((uint)remaining + 1) + 1;
        int small = (1 << (width - 1)) - 1;
        int threshold = (1 << width) - 1 - (remaining + 1);
        int value = count + 1;
        if (value < threshold)
        {
            bits.Add((uint)value, width - 1);
        }
        else
        {
            bits.Add((uint)(value > small ? value + threshold : value), width);
        }
    }

    private static int WriteZeros(ref ForwardBitWriter bits, ReadOnlySpan<short> counts, int symbol)
    {
        int first = symbol;
        while (counts[symbol] == 0)
        {
            symbol++;
        }

        int zeros = symbol - first;
        for (; zeros >= 3; zeros -= 3)
        {
            bits.Add(3, 2);
            bits.Flush();
        }

        bits.Add((uint)zeros, 2);
        return symbol;
    }
}
