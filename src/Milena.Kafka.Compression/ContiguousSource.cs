using System.Buffers;

namespace Milena.Kafka.Compression;

/// <summary>The bytes of a sequence in one piece: themselves if they are, else copied into a pooled array until disposed.</summary>
internal readonly ref struct ContiguousSource
{
    private readonly byte[]? _rented;

    public ContiguousSource(in ReadOnlySequence<byte> source)
    {
        if (source.IsSingleSegment)
        {
            Span = source.FirstSpan;
            return;
        }

        int length = checked((int)source.Length);
        _rented = ArrayPool<byte>.Shared.Rent(length);
        source.CopyTo(_rented);
        Span = _rented.AsSpan(0, length);
    }

    public ReadOnlySpan<byte> Span { get; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
