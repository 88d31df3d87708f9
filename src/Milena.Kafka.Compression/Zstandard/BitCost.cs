namespace Milena.Kafka.Compression.Zstandard;

/// <summary>What symbols cost, in 1/256 bits.</summary>
internal static class BitCost
{
    public const int One = 256;

    private const int TableSize = 512;

    private static readonly ushort[] Logarithms = CreateLogarithms();

    /// <summary>The cost of a symbol that has <paramref name="share"/> of 2^<paramref name="log"/> states; the table is not above 512.</summary>
    public static int OfShare(int share, int log) => (log * One) - Logarithms[share];

    /// <summary>The bits for so many hundred-and-fifty-sixths.</summary>
    public static int ToBits(long cost) => (int)((cost + One - 1) / One);

    private static ushort[] CreateLogarithms()
    {
        var logarithms = new ushort[TableSize + 1];
        for (int i = 1; i < logarithms.Length; i++)
        {
            logarithms[i] = (ushort)Math.Round(Math.Log2(i) * One);
        }

        return logarithms;
    }
}
