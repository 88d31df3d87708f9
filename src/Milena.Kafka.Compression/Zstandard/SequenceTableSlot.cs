namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The table that is in force for one of the three codes; a block sets it or repeats it.</summary>
internal sealed class SequenceTableSlot(SequenceCode code)
{
    private readonly SequenceTable _predefined = SequenceTable.GetPredefined(code);
    private readonly SequenceTable _own = new(code);
    private SequenceTable? _current;

    /// <summary>The table after <see cref="Read"/>.</summary>
    public SequenceTable Current => _current!;

    public void Clear() => _current = null;

    /// <summary>Puts into force what the block says.</summary>
    /// <returns>The first byte behind the table's description.</returns>
    public int Read(ReadOnlySpan<byte> source, int start, int end, int mode, FseDistribution distribution)
    {
        int next = start;
        switch ((SequenceTableMode)mode)
        {
            case SequenceTableMode.Predefined:
                _current = _predefined;
                break;
            case SequenceTableMode.Single:
                if (start >= end || source[start] >= code.Baselines.Length)
                {
                    Corrupt.Throw(start, $"a {code.Name} code that does not exist");
                }

                _own.SetSingle(source[next++]);
                _current = _own;
                break;
            case SequenceTableMode.Described:
                next = distribution.Read(source, start, end, code.MaxLog, code.Baselines.Length);
                _own.Build(distribution.Counts, distribution.Log);
                _current = _own;
                break;
            default:
                if (_current is null)
                {
                    Corrupt.Throw(start, $"a block that repeats a {code.Name} table where there was none");
                }

                break;
        }

        return next;
    }
}
