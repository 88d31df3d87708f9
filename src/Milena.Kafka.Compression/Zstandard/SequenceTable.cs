using System.Numerics;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The decoding table of one of the three codes of sequences.</summary>
internal sealed class SequenceTable
{
    private static readonly SequenceTable PredefinedLiteralLengths = CreatePredefined(SequenceCode.LiteralLength);
    private static readonly SequenceTable PredefinedOffsets = CreatePredefined(SequenceCode.Offset);
    private static readonly SequenceTable PredefinedMatchLengths = CreatePredefined(SequenceCode.MatchLength);

    private readonly SequenceSymbol[] _states;

    public SequenceTable(SequenceCode code)
    {
        Code = code;
        _states = new SequenceSymbol[1 << code.MaxLog];
    }

    public SequenceCode Code { get; }

    /// <summary>The table has 2 to the power of this many states. No entry leads to a state outside.</summary>
    public int Log { get; private set; }

    /// <summary>The first state; the others follow.</summary>
    public ref SequenceSymbol First => ref MemoryMarshal.GetArrayDataReference(_states);

    /// <summary>A table that both sides know without being told.</summary>
    public static SequenceTable GetPredefined(SequenceCode code) =>
        code == SequenceCode.LiteralLength ? PredefinedLiteralLengths : code == SequenceCode.Offset ? PredefinedOffsets : PredefinedMatchLengths;

    /// <summary>Becomes the table of a single symbol that takes no bits.</summary>
    public void SetSingle(int symbol)
    {
        Log = 0;
        _states[0] = new SequenceSymbol(Code.Baselines[symbol], 0, 0, Code.ExtraBits[symbol]);
    }

    /// <summary>Becomes the table of a distribution.</summary>
    /// <param name="counts">States per symbol, checked to add up to the table's size; no more symbols than the code has.</param>
    /// <param name="log">The table's size; not above the code's largest.</param>
    public void Build(ReadOnlySpan<short> counts, int log)
    {
        int size = 1 << log;
        Span<byte> symbols = stackalloc byte[size];
        FseSpread.Fill(counts, symbols);

        Span<ushort> next = stackalloc ushort[counts.Length];
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs(counts[symbol]);
        }

        ReadOnlySpan<uint> baselines = Code.Baselines;
        ReadOnlySpan<byte> extraBits = Code.ExtraBits;
        Span<SequenceSymbol> states = _states.AsSpan(0, size);
        for (int i = 0; i < states.Length; i++)
        {
            int symbol = symbols[i];
            int occurrence = next[symbol]++;
            int bits = log - BitOperations.Log2((uint)occurrence);
            states[i] = new SequenceSymbol(baselines[symbol], (ushort)((occurrence << bits) - size), (byte)bits, extraBits[symbol]);
        }

        Log = log;
    }

    private static SequenceTable CreatePredefined(SequenceCode code)
    {
        var table = new SequenceTable(code);
        table.Build(code.DefaultCounts, code.DefaultLog);
        return table;
    }
}
