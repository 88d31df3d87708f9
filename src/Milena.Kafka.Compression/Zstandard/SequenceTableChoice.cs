using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decides for one of the three codes of sequences which table a block uses. What a block changes holds from <see cref="Commit"/> on.</summary>
internal sealed class SequenceTableChoice
{
    private const int MaxDescriptionLength = 128;

    private readonly SequenceCode _code;
    private readonly FseEncodingTable _predefined = new();
    private FseEncodingTable _own = new();
    private FseEncodingTable _spare = new();
    private FseEncodingTable? _last;

    public SequenceTableChoice(SequenceCode code)
    {
        _code = code;
        _predefined.Build(code.DefaultCounts, code.DefaultLog);
        Table = _predefined;
    }

    /// <summary>The table of the block at hand.</summary>
    public FseEncodingTable Table { get; private set; }

    public void StartFrame() => _last = null;

    /// <summary>The block was written: its table can be used again.</summary>
    public void Commit()
    {
        _last = Table;
        if (ReferenceEquals(Table, _spare))
        {
            (_own, _spare) = (_spare, _own);
        }
    }

    /// <summary>Chooses the table that costs least and writes what the decoder must be told.</summary>
    /// <param name="histogram">How often each code occurs, up to the largest that does.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="target">Has room for a description.</param>
    /// <param name="position">Where it goes; moved behind it.</param>
    public SequenceTableMode Choose(ReadOnlySpan<int> histogram, int total, Span<byte> target, ref int position)
    {
        long predefined = _predefined.Cost(histogram);
        long repeated = _last?.Cost(histogram) ?? long.MaxValue;
        if (histogram[^1] == total)
        {
            return ChooseSingle(histogram.Length - 1, Math.Min(predefined, repeated) <= 8 * BitCost.One, predefined <= repeated, target, ref position);
        }

        int log = FseNormalizer.ChooseLog(total, histogram.Length, _code.MaxLog);
        Span<short> counts = stackalloc short[histogram.Length];
        FseNormalizer.Normalize(histogram, total, log, counts);
        Span<byte> description = stackalloc byte[MaxDescriptionLength];
        int length = FseNormalizer.Write(counts, log, ref MemoryMarshal.GetReference(description), 0);
        long described = (long)length * 8 * BitCost.One;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            described += (long)histogram[symbol] * BitCost.OfShare(Math.Max((int)counts[symbol], 1), log);
        }

        if (described >= Math.Min(predefined, repeated))
        {
            return ChooseKnown(predefined <= repeated);
        }

        _spare.Build(counts, log);
        Table = _spare;
        description[..length].CopyTo(target[position..]);
        position += length;
        return SequenceTableMode.Described;
    }

    private SequenceTableMode ChooseSingle(int symbol, bool isKnownCheaper, bool isPredefinedCheaper, Span<byte> target, ref int position)
    {
        if (isKnownCheaper)
        {
            return ChooseKnown(isPredefinedCheaper);
        }

        _spare.SetSingle(symbol);
        Table = _spare;
        target[position++] = (byte)symbol;
        return SequenceTableMode.Single;
    }

    private SequenceTableMode ChooseKnown(bool isPredefinedCheaper)
    {
        Table = isPredefinedCheaper ? _predefined : _last!;
        return isPredefinedCheaper ? SequenceTableMode.Predefined : SequenceTableMode.Repeat;
    }
}
