using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>A Huffman code to write literals with, and its description.</summary>
internal sealed class HuffmanCode
{
    private const int Bytes = 256;
    private const int MaxDirectWeights = 128;
    private const int MaxCompressedLength = 127;
    private const int MaxWeightLog = 6;

    private readonly byte[] _lengths = new byte[Bytes];
    private readonly uint[] _codes = new uint[Bytes];
    private readonly byte[] _description = new byte[1024];
    private readonly FseEncodingTable _weightTable = new();

    /// <summary>The first of 256 entries: the code in the upper half, its length in the lower.</summary>
    public ref uint First => ref MemoryMarshal.GetArrayDataReference(_codes);

    /// <summary>The description that the decoder needs.</summary>
    public ReadOnlySpan<byte> Description => _description.AsSpan(0, DescriptionLength);

    private int DescriptionLength { get; set; }

    /// <summary>Becomes a good code for the bytes that occur, two different ones at least.</summary>
    /// <returns>Whether there is one that can be described.</returns>
    public bool Build(ReadOnlySpan<int> histogram, int total)
    {
        int longest = HuffmanLengths.Fill(histogram, total, _lengths);
        if (longest == 0)
        {
            return false;
        }

        AssignCodes(longest);
        DescriptionLength = Describe(longest);
        return DescriptionLength != 0;
    }

    /// <summary>The bits that the bytes take; <see cref="long.MaxValue"/> if one has no code.</summary>
    public long Cost(ReadOnlySpan<int> histogram)
    {
        long bits = 0;
        for (int value = 0; value < Bytes; value++)
        {
            if (histogram[value] != 0 && _lengths[value] == 0)
            {
                return long.MaxValue;
            }

            bits += (long)histogram[value] * _lengths[value];
        }

        return bits;
    }

    // As the decoder's table is filled: longer codes first, among equals the smaller byte.
    private void AssignCodes(int longest)
    {
        Span<int> starts = stackalloc int[HuffmanTable.MaxLog + 3];
        starts.Clear();
        foreach (byte length in _lengths)
        {
            int weight = length == 0 ? 0 : longest + 1 - length;
            starts[weight + 1] += (1 << weight) >> 1;
        }

        for (int weight = 1; weight < starts.Length; weight++)
        {
            starts[weight] += starts[weight - 1];
        }

        for (int value = 0; value < Bytes; value++)
        {
            int length = _lengths[value];
            int weight = length == 0 ? 0 : longest + 1 - length;
            _codes[value] = length == 0 ? 0 : (uint)(starts[weight] >> (weight - 1)) << 16 | (uint)length;
            starts[weight] += (1 << weight) >> 1;
        }
    }

    // The weights of all bytes up to the last that occurs, without that one's.
    private int Describe(int longest)
    {
        int count = Bytes - 1;
        while (_lengths[count] == 0)
        {
            count--;
        }

        Span<byte> weights = stackalloc byte[Bytes];
        for (int i = 0; i < count; i++)
        {
            weights[i] = (byte)(_lengths[i] == 0 ? 0 : longest + 1 - _lengths[i]);
        }

        weights = weights[..count];
        int compressed = Compress(weights);
        int direct = 1 + ((count + 1) / 2);
        if (compressed != 0 && (compressed < direct || count > MaxDirectWeights))
        {
            _description[0] = (byte)(compressed - 1);
            return compressed;
        }

        return count > MaxDirectWeights ? 0 : WriteDirect(weights);
    }

    private int WriteDirect(ReadOnlySpan<byte> weights)
    {
        _description[0] = (byte)(MaxDirectWeights - 1 + weights.Length);
        _description.AsSpan(1, (weights.Length + 1) / 2).Clear();
        for (int i = 0; i < weights.Length; i++)
        {
            _description[1 + (i / 2)] |= (byte)((i & 1) == 0 ? weights[i] << 4 : weights[i]);
        }

        return 1 + ((weights.Length + 1) / 2);
    }

    // Gives the length with the byte before it; 0 if the weights cannot be written like this.
    private int Compress(ReadOnlySpan<byte> weights)
    {
        Span<int> histogram = stackalloc int[HuffmanTable.MaxLog + 1];
        histogram.Clear();
        int symbols = 0;
        foreach (byte weight in weights)
        {
            histogram[weight]++;
            symbols = Math.Max(symbols, weight + 1);
        }

        if (weights.Length < 2 || histogram[weights[0]] == weights.Length)
        {
            return 0;
        }

        int log = FseNormalizer.ChooseLog(weights.Length, symbols, MaxWeightLog);
        Span<short> counts = stackalloc short[symbols];
        FseNormalizer.Normalize(histogram, weights.Length, log, counts);
        _weightTable.Build(counts, log);
        ref byte target = ref MemoryMarshal.GetArrayDataReference(_description);
        int end = WriteStates(weights, FseNormalizer.Write(counts, log, ref target, 1));
        return end - 1 > MaxCompressedLength ? 0 : end;
    }

    // Two states take turns; the decoder begins with the first weight, so the last is written first.
    // Bound: at most 255 weights of at most six bits, 192 bytes, behind a table of at most 20.
    private int WriteStates(ReadOnlySpan<byte> weights, int position)
    {
        var bits = new ForwardBitWriter(ref MemoryMarshal.GetArrayDataReference(_description), position);
        int last = weights.Length - 1;
        uint state = _weightTable.Start(weights[last]);
        uint other = _weightTable.Start(weights[last - 1]);
        for (int i = last - 2; i >= 0; i--)
        {
            state = _weightTable.Encode(ref bits, state, weights[i]);
            bits.Flush();
            (state, other) = (other, state);
        }

        // The state of the second weight was changed less recently and goes first, so that the first weight's is read first.
        uint mask = (1u << _weightTable.Log) - 1;
        bits.Add(state & mask, _weightTable.Log);
        bits.Add(other & mask, _weightTable.Log);
        return bits.Close();
    }
}
