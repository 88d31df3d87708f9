using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes the sequences section of a block (RFC 8878, 3.1.1.3.2).</summary>
internal sealed class SequencesEncoder
{
    /// <summary>The most bytes that a block's sequences take: 31 + 16 + 16 extra bits and 9 + 8 + 9 of states each, and tables.</summary>
    public const int MaxLength = (SequenceStore.MaxSequences * 12) + 1024;

    private const int MinMatchLength = 3;
    private const int DirectLiteralLengths = 64;
    private const int DirectMatchLengths = 128;
    private const int LiteralCodeAboveLog = 19;
    private const int MatchCodeAboveLog = 36;

    // Three states take 26 bits at most and 7 may be waiting; more extra bits than this might fill the word.
    private const int ExtraBitsPerFlush = 30;

    private static readonly byte[] LiteralCodes = CreateCodes(SequenceCode.LiteralLength, DirectLiteralLengths, 0);
    private static readonly byte[] MatchCodes = CreateCodes(SequenceCode.MatchLength, DirectMatchLengths, MinMatchLength);

    private readonly SequenceTableChoice _literalLengths = new(SequenceCode.LiteralLength);
    private readonly SequenceTableChoice _offsets = new(SequenceCode.Offset);
    private readonly SequenceTableChoice _matchLengths = new(SequenceCode.MatchLength);
    private readonly SequenceCodes[] _codes = new SequenceCodes[SequenceStore.MaxSequences];
    private readonly int[] _histograms = new int[3 * FseEncodingTable.MaxSymbols];

    public void StartFrame()
    {
        _literalLengths.StartFrame();
        _offsets.StartFrame();
        _matchLengths.StartFrame();
    }

    /// <summary>The block was written: its tables can be used again.</summary>
    public void Commit(bool hasSequences)
    {
        if (hasSequences)
        {
            _literalLengths.Commit();
            _offsets.Commit();
            _matchLengths.Commit();
        }
    }

    /// <summary>Writes the section.</summary>
    /// <param name="sequences">The block's sequences.</param>
    /// <param name="target">Has room for <see cref="MaxLength"/> bytes from the position on.</param>
    /// <param name="position">Where the section begins.</param>
    /// <returns>The first byte behind it.</returns>
    public int Write(ReadOnlySpan<Sequence> sequences, Span<byte> target, int position)
    {
        position = WriteCount(sequences.Length, target, position);
        if (sequences.IsEmpty)
        {
            return position;
        }

        Classify(sequences);
        int modes = position++;
        SequenceTableMode literalMode = _literalLengths.Choose(Histogram(0), sequences.Length, target, ref position);
        SequenceTableMode offsetMode = _offsets.Choose(Histogram(1), sequences.Length, target, ref position);
        SequenceTableMode matchMode = _matchLengths.Choose(Histogram(2), sequences.Length, target, ref position);
        target[modes] = (byte)((int)literalMode << 6 | (int)offsetMode << 4 | (int)matchMode << 2);
        return WriteSequences(sequences, target, position);
    }

    private static int WriteCount(int count, Span<byte> target, int position)
    {
        if (count < 128)
        {
            target[position] = (byte)count;
            return position + 1;
        }

        if (count < 0x7F00)
        {
            target[position] = (byte)((count >> 8) + 128);
            target[position + 1] = (byte)count;
            return position + 2;
        }

        target[position] = 255;
        target[position + 1] = (byte)(count - 0x7F00);
        target[position + 2] = (byte)((count - 0x7F00) >> 8);
        return position + 3;
    }

    private static byte[] CreateCodes(SequenceCode code, int direct, int smallest)
    {
        var codes = new byte[direct];
        int current = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            current += current + 1 < code.Baselines.Length && code.Baselines[current + 1] == i + smallest ? 1 : 0;
            codes[i] = (byte)current;
        }

        return codes;
    }

    private ReadOnlySpan<int> Histogram(int code)
    {
        ReadOnlySpan<int> histogram = _histograms.AsSpan(code * FseEncodingTable.MaxSymbols, FseEncodingTable.MaxSymbols);
        return histogram[..(histogram.LastIndexOfAnyExcept(0) + 1)];
    }

    private void Classify(ReadOnlySpan<Sequence> sequences)
    {
        _histograms.AsSpan().Clear();
        Span<int> literalCounts = _histograms.AsSpan(0, FseEncodingTable.MaxSymbols);
        Span<int> offsetCounts = _histograms.AsSpan(FseEncodingTable.MaxSymbols, FseEncodingTable.MaxSymbols);
        Span<int> matchCounts = _histograms.AsSpan(2 * FseEncodingTable.MaxSymbols, FseEncodingTable.MaxSymbols);
        Span<SequenceCodes> codes = _codes.AsSpan(0, sequences.Length);
        for (int i = 0; i < sequences.Length; i++)
        {
            Sequence sequence = sequences[i];
            int literalLength = sequence.LiteralLength;
            int matchLength = sequence.MatchLength - MinMatchLength;
            byte literalCode = literalLength < DirectLiteralLengths ? LiteralCodes[literalLength] : (byte)(BitOperations.Log2((uint)literalLength) + LiteralCodeAboveLog);
            byte matchCode = matchLength < DirectMatchLengths ? MatchCodes[matchLength] : (byte)(BitOperations.Log2((uint)matchLength) + MatchCodeAboveLog);
            byte offsetCode = (byte)BitOperations.Log2(sequence.OffsetNumber);
            codes[i] = new SequenceCodes(literalCode, offsetCode, matchCode);
            literalCounts[literalCode]++;
            offsetCounts[offsetCode]++;
            matchCounts[matchCode]++;
        }
    }

    // Bound: MaxLength counts the most bits of every sequence; the caller's target has eight bytes more.
    private int WriteSequences(ReadOnlySpan<Sequence> sequences, Span<byte> target, int position)
    {
        FseEncodingTable literalTable = _literalLengths.Table;
        FseEncodingTable offsetTable = _offsets.Table;
        FseEncodingTable matchTable = _matchLengths.Table;
        ref byte literalBits = ref MemoryMarshal.GetReference(SequenceCode.LiteralLength.ExtraBits);
        ref byte matchBits = ref MemoryMarshal.GetReference(SequenceCode.MatchLength.ExtraBits);
        var bits = new ForwardBitWriter(ref MemoryMarshal.GetReference(target), position);

        int last = sequences.Length - 1;
        SequenceCodes codes = _codes[last];
        uint matchState = matchTable.Start(codes.MatchLength);
        uint offsetState = offsetTable.Start(codes.Offset);
        uint literalState = literalTable.Start(codes.LiteralLength);
        for (int i = last; i >= 0; i--)
        {
            codes = _codes[i];
            if (i != last)
            {
                offsetState = offsetTable.Encode(ref bits, offsetState, codes.Offset);
                matchState = matchTable.Encode(ref bits, matchState, codes.MatchLength);
                literalState = literalTable.Encode(ref bits, literalState, codes.LiteralLength);
            }

            Sequence sequence = sequences[i];
            int literalExtra = Unsafe.Add(ref literalBits, codes.LiteralLength);
            int matchExtra = Unsafe.Add(ref matchBits, codes.MatchLength);
            bool isLong = literalExtra + matchExtra + codes.Offset > ExtraBitsPerFlush;
            if (isLong)
            {
                bits.Flush();
            }

            bits.Add((uint)sequence.LiteralLength & ((1u << literalExtra) - 1), literalExtra);
            bits.Add((uint)(sequence.MatchLength - MinMatchLength) & ((1u << matchExtra) - 1), matchExtra);
            if (isLong)
            {
                bits.Flush();
            }

            bits.Add(sequence.OffsetNumber & ((1u << codes.Offset) - 1), codes.Offset);
            bits.Flush();
        }

        bits.Add(matchState & ((1u << matchTable.Log) - 1), matchTable.Log);
        bits.Add(offsetState & ((1u << offsetTable.Log) - 1), offsetTable.Log);
        bits.Add(literalState & ((1u << literalTable.Log) - 1), literalTable.Log);
        return bits.Close();
    }
}
