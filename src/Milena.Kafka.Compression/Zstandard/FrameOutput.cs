using System.Buffers;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>
/// The content of one frame as it grows, in one run so that matches can reach back: memory of the destination itself where the
/// size is known well enough beforehand, else a pooled array.
/// </summary>
internal struct FrameOutput
{
    // Up to here the most that the block headers allow is asked of the destination even if it may turn out smaller.
    private const int DirectSize = 4 * 1024 * 1024;

    private Memory<byte> _memory;
    private byte[]? _rented;

    /// <summary>Takes memory for the start of a frame.</summary>
    /// <param name="destination">Where the content goes in the end.</param>
    /// <param name="size">The content's size, or the most that it can be.</param>
    /// <param name="isExact">The size is the frame's own claim; it was held against the limit and the block headers.</param>
    /// <param name="left">The most bytes that the destination is to get.</param>
    public FrameOutput(IBufferWriter<byte> destination, int size, bool isExact, int left)
    {
        Size = size;
        if (size == 0)
        {
            return;
        }

        if (isExact || size <= Math.Min(DirectSize, left))
        {
            _memory = destination.GetMemory(size);
        }
        else
        {
            _rented = ArrayPool<byte>.Shared.Rent(Math.Min(DirectSize, size));
            _memory = _rented;
        }
    }

    /// <summary>The content's size, or the most that it can be.</summary>
    public int Size { get; }

    /// <summary>The bytes decoded so far.</summary>
    public int Position { get; set; }

    public readonly Span<byte> Written => _memory.Span[..Position];

    /// <summary>All memory that there is, after making sure that <paramref name="count"/> more bytes fit.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_memory.Length - Position < count)
        {
            Grow(count);
        }

        return _memory.Span;
    }

    /// <summary>Hands the content over.</summary>
    public readonly void Commit(IBufferWriter<byte> destination)
    {
        if (_rented is not null)
        {
            destination.Write(Written);
        }
        else
        {
            destination.Advance(Position);
        }
    }

    public readonly void Release()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    // Only a pooled array gets here: memory of the destination was asked for with the most that its frame can give.
    private void Grow(int count)
    {
        int wanted = (int)Math.Min(Array.MaxLength, Math.Max((long)Position + count, 2L * _memory.Length));
        byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
        Written.CopyTo(larger);
        Release();
        _rented = larger;
        _memory = larger;
    }
}
