using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decodes the sequences section of a block (RFC 8878, 3.1.1.3.2): header and tables here, the sequences in <see cref="SequenceExecutor"/>.</summary>
internal sealed class SequencesDecoder
{
    private readonly SequenceTableSlot _literalLengths = new(SequenceCode.LiteralLength);
    private readonly SequenceTableSlot _offsets = new(SequenceCode.Offset);
    private readonly SequenceTableSlot _matchLengths = new(SequenceCode.MatchLength);
    private readonly FseDistribution _distribution = new();
    private RepeatOffsets _repeats;

    public void StartFrame()
    {
        _literalLengths.Clear();
        _offsets.Clear();
        _matchLengths.Clear();
        _repeats = RepeatOffsets.Initial;
    }

    /// <summary>Decodes the section and writes the block's content.</summary>
    /// <param name="source">The whole input.</param>
    /// <param name="start">Where the section begins.</param>
    /// <param name="end">Where it and the block end.</param>
    /// <param name="literals">The block's literals, with padding behind them.</param>
    /// <param name="target">Where the block's content goes.</param>
    /// <returns>Bytes of content after the block.</returns>
    public int Decode(ReadOnlySpan<byte> source, int start, int end, ReadOnlySpan<byte> literals, BlockTarget target)
    {
        int next = start;
        int count = ReadCount(source, ref next, end);
        if (count == 0)
        {
            if (next != end)
            {
                Corrupt.Throw(next, "bytes behind a block without sequences");
            }

            literals.CopyTo(target.Output[target.Written..]);
            return target.Written + literals.Length;
        }

        if (next >= end)
        {
            Corrupt.Throw(start, "sequences that are cut off");
        }

        int modes = source[next++];
        if ((modes & 3) != 0)
        {
            Corrupt.Throw(next - 1, "sequences with a reserved bit set");
        }

        next = _literalLengths.Read(source, next, end, modes >> 6, _distribution);
        next = _offsets.Read(source, next, end, modes >> 4 & 3, _distribution);
        next = _matchLengths.Read(source, next, end, modes >> 2 & 3, _distribution);
        var executor = new SequenceExecutor(_literalLengths.Current, _offsets.Current, _matchLengths.Current);
        return executor.Run(new SequenceStream(source, next, end, count), ref _repeats, literals, target);
    }

    private static int ReadCount(ReadOnlySpan<byte> source, ref int next, int end)
    {
        ReadOnlySpan<byte> header = source[next..end];
        int length = header.IsEmpty ? 1 : header[0] switch { < 128 => 1, < 255 => 2, _ => 3 };
        if (header.Length < length)
        {
            Corrupt.Throw(next, "sequences that are cut off");
        }

        next += length;
        return length switch
        {
            1 => header[0],
            2 => ((header[0] - 128) << 8) + header[1],
            _ => BinaryPrimitives.ReadUInt16LittleEndian(header[1..]) + 0x7F00,
        };
    }
}
