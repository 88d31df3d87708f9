using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The encoding table of a distribution: the decoder's states, sorted by symbol.</summary>
internal sealed class FseEncodingTable
{
    public const int MaxLog = 9;
    public const int MaxSymbols = 64;

    private readonly ushort[] _states = new ushort[1 << MaxLog];
    private readonly FseTransition[] _transitions = new FseTransition[MaxSymbols];
    private readonly short[] _counts = new short[MaxSymbols];
    private int _symbols;

    /// <summary>The table has 2 to the power of this many states; 0 for a single symbol.</summary>
    public int Log { get; private set; }

    /// <summary>States per symbol.</summary>
    public ReadOnlySpan<short> Counts => _counts.AsSpan(0, _symbols);

    /// <summary>Becomes the table of a distribution.</summary>
    /// <param name="counts">States per symbol, adding up to 2^<paramref name="log"/> with -1 counting as one.</param>
    /// <param name="log">The table's size.</param>
    public void Build(ReadOnlySpan<short> counts, int log)
    {
        Log = log;
        _symbols = counts.Length;
        int size = 1 << log;
        Span<byte> symbols = stackalloc byte[size];
        FseSpread.Fill(counts, symbols);

        Span<ushort> next = stackalloc ushort[counts.Length];
        int sum = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            int count = Math.Abs(counts[symbol]);
            _counts[symbol] = (short)count;
            next[symbol] = (ushort)sum;
            if (count > 0)
            {
                int bits = count == 1 ? log : log - BitOperations.Log2((uint)count - 1);
                _transitions[symbol] = new FseTransition(((uint)bits << 16) - ((uint)count << bits), sum - count);
            }

            sum += count;
        }

        for (int i = 0; i < size; i++)
        {
            _states[next[symbols[i]]++] = (ushort)(size + i);
        }
    }

    /// <summary>Becomes the table of a single symbol that takes no bits.</summary>
    public void SetSingle(int symbol)
    {
        Log = 0;
        _symbols = symbol + 1;
        _counts.AsSpan(0, symbol).Clear();
        _counts[symbol] = 1;
        _states[0] = 1;
        _transitions[symbol] = new FseTransition(unchecked(0u - 1), -1);
    }

    /// <summary>What the symbols cost with this table, in 1/256 bits; <see cref="long.MaxValue"/> if it lacks one of them.</summary>
    public long Cost(ReadOnlySpan<int> histogram)
    {
        long cost = 0;
        for (int symbol = 0; symbol < histogram.Length; symbol++)
        {
            if (histogram[symbol] == 0)
            {
                continue;
            }

            if (symbol >= _symbols || _counts[symbol] == 0)
            {
                return long.MaxValue;
            }

            cost += (long)histogram[symbol] * BitCost.OfShare(_counts[symbol], Log);
        }

        return cost;
    }

    /// <summary>The state to begin with, at the symbol that the decoder reads last. From it the decoder needs a bit at least to go on.</summary>
    public uint Start(int symbol)
    {
        // The first of the symbol's states.
        FseTransition transition = _transitions[symbol];
        return _states[_counts[symbol] + transition.StateBias];
    }

    /// <summary>Writes what leads the decoder from the new state, which has the symbol, to the old one.</summary>
    /// <remarks>
    /// Bound: the symbol has states here (see <see cref="Cost"/>), and what is left of a state below twice the table's size, moved by the
    /// symbol's bias, is a place of one of them.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Encode(ref ForwardBitWriter bits, uint state, int symbol)
    {
        FseTransition transition = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_transitions), symbol);
        int count = (int)((state + transition.BitsBias) >> 16);
        bits.Add(state & ((1u << count) - 1), count);
        return Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_states), (int)(state >> count) + transition.StateBias);
    }
}
