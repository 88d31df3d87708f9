namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Which symbol each state of an FSE table stands for (RFC 8878, 4.1.1); the same for decoding and encoding.</summary>
internal static class FseSpread
{
    /// <summary>Fills <paramref name="symbols"/>, one for each state.</summary>
    /// <param name="counts">States per symbol; they add up to the length of <paramref name="symbols"/>, -1 counting as one.</param>
    /// <param name="symbols">A table of a power of two.</param>
    public static void Fill(ReadOnlySpan<short> counts, Span<byte> symbols)
    {
        int mask = symbols.Length - 1;
        int high = mask;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] == -1)
            {
                symbols[high--] = (byte)symbol;
            }
        }

        int step = (symbols.Length >> 1) + (symbols.Length >> 3) + 3;
        int position = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            for (int i = 0; i < counts[symbol]; i++)
            {
                symbols[position] = (byte)symbol;
                do
                {
                    position = (position + step) & mask;
                }
                while (position > high);
            }
        }
    }
}
