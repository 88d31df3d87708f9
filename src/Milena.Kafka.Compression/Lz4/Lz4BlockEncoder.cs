using System.Buffers;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>The encoder of a level with its workspace, which is rented until disposed.</summary>
internal readonly ref struct Lz4BlockEncoder
{
    private readonly byte[] _workspace;
    private readonly int _acceleration;
    private readonly bool _isNear;
    private readonly int _highLevel;

    public Lz4BlockEncoder(Lz4FrameOptions options, int level)
    {
        _acceleration = options.Acceleration;
        _isNear = !options.LinkedBlocks && options.BlockSize == Lz4BlockSize.Max64KB;
        _highLevel = level >= Lz4HighEncoder.MinLevel ? level : 0;
        int size = _highLevel > 0 ? Lz4HighEncoder.WorkspaceSize : Lz4FastEncoder.TableSize;
        _workspace = ArrayPool<byte>.Shared.Rent(size);
        _workspace.AsSpan(0, size).Clear();
    }

    /// <summary>Encodes what follows <paramref name="start"/>.</summary>
    /// <param name="source">The block, after what came before it if blocks are linked.</param>
    /// <param name="start">How much came before it.</param>
    /// <param name="destination">Room for <see cref="Lz4Sequence.MaxEncodedLength"/>.</param>
    /// <returns>The length of the encoded block.</returns>
    public int Encode(ReadOnlySpan<byte> source, int start, Span<byte> destination)
    {
        if (_highLevel > 0)
        {
            return Lz4HighEncoder.Encode(source, start, destination, MemoryMarshal.Cast<byte, int>(_workspace.AsSpan(0, Lz4HighEncoder.WorkspaceSize)), _highLevel);
        }

        Span<byte> table = _workspace.AsSpan(0, Lz4FastEncoder.TableSize);
        if (start == 0)
        {
            table.Clear();
        }

        return _isNear
            ? Lz4FastEncoder.Encode<Lz4NearTable>(source, start, destination, table, _acceleration)
            : Lz4FastEncoder.Encode<Lz4FarTable>(source, start, destination, table, _acceleration);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_workspace);
}
