using System.Buffers.Binary;

namespace Milena.Kafka.Testing.Network;

/// <summary>Cuts what comes in into frames. Owned by the loop of its connection; not thread-safe.</summary>
/// <remarks>Each frame is an array of its own, so that whoever keeps a request keeps its bytes.</remarks>
internal sealed class FrameReader(int maxFrameSize)
{
    private const int BufferSize = 64 * 1024;

    // A frame that claims more grows only as its bytes arrive.
    private const int TrustedSize = 2 * 1024 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
    private int _start;
    private int _end;

    /// <summary>The largest frame of a client that is not known yet; null for the usual limit.</summary>
    public int? Limit { get; set; }

    /// <summary>Reads the next frame.</summary>
    /// <returns>The frame without its length; null at the end of the stream.</returns>
    /// <exception cref="RequestRejectedException">The length is impossible, or the stream ends within a frame.</exception>
    public async ValueTask<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (_end - _start < sizeof(int))
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _end == 0 ? null : throw new RequestRejectedException($"The stream ends {_end} bytes into the length of a frame.");
            }

            _end += read;
        }

        int size = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        int limit = Limit is { } narrower ? Math.Min(narrower, maxFrameSize) : maxFrameSize;
        if (size < 0 || size > limit)
        {
            throw new RequestRejectedException($"A frame claims {size:N0} bytes; the limit is {limit:N0}.");
        }

        _start += sizeof(int);
        return await ReadBodyAsync(stream, size, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<byte[]> ReadBodyAsync(Stream stream, int size, CancellationToken cancellationToken)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(Math.Min(size, TrustedSize));
        int filled = Math.Min(size, _end - _start);
        _buffer.AsSpan(_start, filled).CopyTo(frame);
        _start += filled;
        while (filled < size)
        {
            if (filled == frame.Length)
            {
                byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(2L * frame.Length, size));
                frame.AsSpan(0, filled).CopyTo(larger);
                frame = larger;
            }

            int read = await stream.ReadAsync(frame.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new RequestRejectedException($"The stream ends {filled:N0} bytes into a frame of {size:N0}.");
            }

            filled += read;
        }

        return frame;
    }
}
