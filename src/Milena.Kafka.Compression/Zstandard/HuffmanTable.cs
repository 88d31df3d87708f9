using System.Numerics;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The decoding table of a Huffman code for literals: for the next <see cref="Log"/> bits, the symbol and how many of them it took.</summary>
internal sealed class HuffmanTable
{
    public const int MaxLog = 11;

    private const int MaxWeightLog = 6;
    private const int DirectWeights = 128;

    private readonly ushort[] _entries = new ushort[1 << MaxLog];
    private readonly byte[] _weights = new byte[256];
    private readonly FseDistribution _distribution = new();

    /// <summary>The length of the longest code.</summary>
    public int Log { get; private set; }

    /// <summary>The first of 2^<see cref="Log"/> entries: the symbol in the upper byte, its length (1 to <see cref="Log"/>) in the lower.</summary>
    public ref ushort First => ref MemoryMarshal.GetArrayDataReference(_entries);

    /// <summary>Reads a tree description (RFC 8878, 4.2.1).</summary>
    /// <returns>The first byte behind it.</returns>
    public int Read(ReadOnlySpan<byte> source, int start, int end)
    {
        if (start >= end)
        {
            Corrupt.Throw(start, "no room for a Huffman tree");
        }

        int header = source[start];
        bool isDirect = header >= DirectWeights;
        int symbols = header - DirectWeights + 1;
        int next = start + 1 + (isDirect ? (symbols + 1) / 2 : header);
        if (next > end)
        {
            Corrupt.Throw(start, "a Huffman tree that is cut off");
        }

        if (isDirect)
        {
            ReadDirect(source[(start + 1)..next], symbols);
        }
        else
        {
            symbols = ReadCompressed(source, start + 1, next);
        }

        Build(AddLastWeight(symbols, start));
        return next;
    }

    private void ReadDirect(ReadOnlySpan<byte> bytes, int symbols)
    {
        for (int i = 0; i < symbols; i++)
        {
            _weights[i] = (byte)((i & 1) == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15);
        }
    }

    // Two states take turns until the bits run out; then each has one more weight.
    private int ReadCompressed(ReadOnlySpan<byte> source, int start, int end)
    {
        int stream = _distribution.Read(source, start, end, MaxWeightLog, MaxLog + 1);
        Span<byte> symbols = stackalloc byte[1 << _distribution.Log];
        Span<ushort> nextStates = stackalloc ushort[symbols.Length];
        Span<byte> bitCounts = stackalloc byte[symbols.Length];
        BuildWeightTable(symbols, nextStates, bitCounts);

        var bits = new BackwardBitReader(source, stream, end);
        uint even = bits.Read(_distribution.Log);
        uint odd = bits.Read(_distribution.Log);
        if (bits.BitsLeft < 0)
        {
            Corrupt.Throw(stream, "Huffman weights without their states");
        }

        int count = 0;
        while (true)
        {
            // Room for this weight, the last of the other state and the one that is not written.
            if (count > _weights.Length - 3)
            {
                Corrupt.Throw(stream, "more Huffman weights than there are bytes");
            }

            int state = (int)even;
            _weights[count++] = symbols[state];
            even = nextStates[state] + bits.Read(bitCounts[state]);
            if (bits.BitsLeft < 0)
            {
                _weights[count++] = symbols[(int)odd];
                return count;
            }

            (even, odd) = (odd, even);
        }
    }

    private void BuildWeightTable(Span<byte> symbols, Span<ushort> nextStates, Span<byte> bitCounts)
    {
        ReadOnlySpan<short> counts = _distribution.Counts;
        FseSpread.Fill(counts, symbols);
        Span<ushort> next = stackalloc ushort[counts.Length];
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs(counts[symbol]);
        }

        for (int i = 0; i < symbols.Length; i++)
        {
            int occurrence = next[symbols[i]]++;
            int bits = _distribution.Log - BitOperations.Log2((uint)occurrence);
            bitCounts[i] = (byte)bits;
            nextStates[i] = (ushort)((occurrence << bits) - symbols.Length);
        }
    }

    // The weights fill a power of two; the last symbol's is what the others leave.
    private int AddLastWeight(int symbols, int start)
    {
        uint sum = 0;
        for (int i = 0; i < symbols; i++)
        {
            if (_weights[i] > MaxLog)
            {
                Corrupt.Throw(start, $"a Huffman weight of {_weights[i]}");
            }

            sum += (1u << _weights[i]) >> 1;
        }

        int log = sum == 0 ? 0 : BitOperations.Log2(sum) + 1;
        uint rest = (1u << log) - sum;
        if (sum == 0 || log > MaxLog || !BitOperations.IsPow2(rest))
        {
            Corrupt.Throw(start, "Huffman weights that do not add up");
        }

        _weights[symbols] = (byte)(BitOperations.Log2(rest) + 1);
        Log = log;
        return symbols + 1;
    }

    // Longer codes (smaller weights) take the lower entries; among equals the smaller symbol.
    private void Build(int symbols)
    {
        Span<int> starts = stackalloc int[MaxLog + 2];
        starts.Clear();
        for (int i = 0; i < symbols; i++)
        {
            starts[_weights[i] + 1] += (1 << _weights[i]) >> 1;
        }

        for (int weight = 1; weight < starts.Length; weight++)
        {
            starts[weight] += starts[weight - 1];
        }

        for (int symbol = 0; symbol < symbols; symbol++)
        {
            int weight = _weights[symbol];
            if (weight != 0)
            {
                int run = 1 << (weight - 1);
                _entries.AsSpan(starts[weight], run).Fill((ushort)(symbol << 8 | (Log + 1 - weight)));
                starts[weight] += run;
            }
        }
    }
}
