using System.Buffers;

namespace Milena.Kafka.Network.Internal;

/// <summary>
/// The buffers of one connection's frames. It keeps a few large ones for itself: frames are rented by one thread and given back by another, which the shared pool answers with ever new memory.
/// Any thread may give back; only the receive loop rents.
/// </summary>
internal sealed class FrameBuffers
{
    /// <summary>Smaller ones are left to the shared pool.</summary>
    public const int SmallestKept = 128 * 1024;

    private const int MostKept = 3;

    private readonly byte[]?[] _kept = new byte[]?[MostKept];

    /// <summary>A buffer of at least so many bytes.</summary>
    public byte[] Rent(int size)
    {
        if (size >= SmallestKept)
        {
            foreach (ref byte[]? place in _kept.AsSpan())
            {
                if (Interlocked.Exchange(ref place, null) is not { } buffer)
                {
                    continue;
                }

                if (buffer.Length >= size)
                {
                    return buffer;
                }

                // Frames have grown: larger ones take its place.
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return ArrayPool<byte>.Shared.Rent(size);
    }

    /// <summary>Takes a buffer back that nothing reads or writes any more.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length >= SmallestKept)
        {
            foreach (ref byte[]? place in _kept.AsSpan())
            {
                if (Interlocked.CompareExchange(ref place, buffer, null) is null)
                {
                    return;
                }
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
