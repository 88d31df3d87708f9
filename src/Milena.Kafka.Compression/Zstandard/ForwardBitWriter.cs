using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Writes bits from the lowest up into memory; the decoder reads them from the other end.</summary>
/// <remarks>
/// Bound: <see cref="Flush"/> writes eight bytes at <see cref="Position"/>. The caller's memory has room for all bits that it adds and
/// eight bytes more; each caller says why.
/// </remarks>
internal ref struct ForwardBitWriter
{
    private readonly ref byte _target;
    private ulong _bits;
    private int _count;

    public ForwardBitWriter(ref byte target, int position)
    {
        _target = ref target;
        Position = position;
    }

    /// <summary>Where the next whole byte goes.</summary>
    public int Position { get; private set; }

    /// <summary>Adds bits; nothing but them may be set in <paramref name="value"/>. At most 56 between two flushes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong value, int count)
    {
        _bits |= value << _count;
        _count += count;
    }

    /// <summary>Writes the whole bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Flush()
    {
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref _target, Position), BitConverter.IsLittleEndian ? _bits : BinaryPrimitives.ReverseEndianness(_bits));
        Position += _count >> 3;
        _bits >>= _count & ~7;
        _count &= 7;
    }

    /// <summary>Ends a stream that is read backward: a mark, and zeros up to a whole byte.</summary>
    /// <returns>The first byte behind it.</returns>
    public int Close()
    {
        Add(1, 1);
        return CloseForward();
    }

    /// <summary>Ends a stream that is read forward.</summary>
    /// <returns>The first byte behind it.</returns>
    public int CloseForward()
    {
        Flush();
        Position += _count > 0 ? 1 : 0;
        return Position;
    }
}
