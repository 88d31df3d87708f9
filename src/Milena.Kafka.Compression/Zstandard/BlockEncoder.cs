using System.Buffers;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes the blocks of one frame in order, each in the form that is shortest.</summary>
internal sealed class BlockEncoder
{
    // A compressed block of so few bytes is never shorter than the bytes.
    private const int MinSize = 8;

    private readonly FastMatchFinder _fast = new();
    private readonly DoubleFastMatchFinder _doubleFast = new();
    private readonly LazyMatchFinder _lazy = new();
    private readonly SequenceStore _store = new();
    private readonly LiteralsEncoder _literals = new();
    private readonly SequencesEncoder _sequences = new();
    private readonly byte[] _target = new byte[BlockHeader.Length + BlockHeader.MaxBlockSize + SequencesEncoder.MaxLength + WildCopy.Excess];
    private MatchFinder _finder;
    private bool _compressesLiterals;

    public BlockEncoder()
    {
        _finder = _fast;
    }

    /// <summary>Makes ready for a frame of so many bytes.</summary>
    public void StartFrame(in EncodeParameters parameters, int size)
    {
        _finder = parameters.Strategy switch
        {
            MatchStrategy.Fast => _fast,
            MatchStrategy.DoubleFast => _doubleFast,
            _ => _lazy,
        };
        _finder.Start(parameters, size);
        _compressesLiterals = parameters.CompressesLiterals;
        _store.Repeats = RepeatOffsets.Initial;
        _literals.StartFrame();
        _sequences.StartFrame();
    }

    /// <summary>Writes the block of the bytes from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public void Write(ReadOnlySpan<byte> source, int start, int end, IBufferWriter<byte> destination)
    {
        ReadOnlySpan<byte> block = source[start..end];
        bool isLast = end == source.Length;

        // Decoders before zstd 1.4 do not take a run as the first block.
        if (start > 0 && block.IndexOfAnyExcept(block[0]) < 0)
        {
            WriteHeader(_target, BlockType.Rle, block.Length, isLast);
            _target[BlockHeader.Length] = block[0];
            destination.Write(_target.AsSpan(0, BlockHeader.Length + 1));
            return;
        }

        int next = block.Length < MinSize ? int.MaxValue : Compress(source, start, end);
        if (IsWorthwhile(next, block.Length))
        {
            _literals.Commit();
            _sequences.Commit(_store.Count > 0);
            WriteHeader(_target, BlockType.Compressed, next - BlockHeader.Length, isLast);
            destination.Write(_target.AsSpan(0, next));
            return;
        }

        WriteRaw(block, isLast, destination);
    }

    /// <summary>Writes a block as it is.</summary>
    public static void WriteRaw(ReadOnlySpan<byte> block, bool isLast, IBufferWriter<byte> destination)
    {
        Span<byte> header = stackalloc byte[BlockHeader.Length];
        WriteHeader(header, BlockType.Raw, block.Length, isLast);
        destination.Write(header);
        destination.Write(block);
    }

    private static void WriteHeader(Span<byte> target, BlockType type, int size, bool isLast)
    {
        int bits = (isLast ? 1 : 0) | (int)type << 1 | size << 3;
        target[0] = (byte)bits;
        target[1] = (byte)(bits >> 8);
        target[2] = (byte)(bits >> 16);
    }

    // A few bytes saved are not worth the decoder's time.
    private static bool IsWorthwhile(int end, int size) => end - BlockHeader.Length < size - (size >> 6) - 2;

    // Leaves the recent offsets as the decoder will have them: unchanged if the block goes out as it is.
    private int Compress(ReadOnlySpan<byte> source, int start, int end)
    {
        RepeatOffsets repeats = _store.Repeats;
        _store.Clear();
        _finder.Find(source, start, end, _store);
        int next = _literals.Write(_store.Literals, _compressesLiterals, _target, BlockHeader.Length);
        next = _sequences.Write(_store.Sequences, _target, next);
        if (!IsWorthwhile(next, end - start))
        {
            _store.Repeats = repeats;
        }

        return next;
    }
}
