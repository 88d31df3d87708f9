using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>What a match finder made of one block: sequences, and the literals of all of them in one run.</summary>
internal sealed class SequenceStore
{
    /// <summary>Every sequence covers four bytes at least.</summary>
    public const int MaxSequences = BlockHeader.MaxBlockSize / 4;

    private readonly byte[] _literals = new byte[BlockHeader.MaxBlockSize + WildCopy.Excess];
    private readonly Sequence[] _sequences = new Sequence[MaxSequences];
    private int _literalCount;

    /// <summary>The offsets that the decoder will have at hand; the finder keeps the first two up to date.</summary>
    public RepeatOffsets Repeats;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Literals => _literals.AsSpan(0, _literalCount);

    public ReadOnlySpan<Sequence> Sequences => _sequences.AsSpan(0, Count);

    public void Clear()
    {
        _literalCount = 0;
        Count = 0;
    }

    /// <summary>Adds a sequence.</summary>
    /// <remarks>Bound: the sequences of a block do not cover more than the block, of which there is room for literals and sequences.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> source, int literals, int start, uint offsetNumber, int matchLength)
    {
        int count = start - literals;
        ref byte target = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_literals), _literalCount);
        if (start <= source.Length - WildCopy.Excess)
        {
            WildCopy.Copy(ref Unsafe.Add(ref MemoryMarshal.GetReference(source), literals), ref target, count);
        }
        else
        {
            source[literals..start].CopyTo(_literals.AsSpan(_literalCount));
        }

        _literalCount += count;
        _sequences[Count++] = new Sequence(count, matchLength, offsetNumber);
    }

    /// <summary>Adds the literals behind the last match.</summary>
    public void AddLiterals(ReadOnlySpan<byte> literals)
    {
        literals.CopyTo(_literals.AsSpan(_literalCount));
        _literalCount += literals.Length;
    }
}
