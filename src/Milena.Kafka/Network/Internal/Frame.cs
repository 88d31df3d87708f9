namespace Milena.Kafka.Network.Internal;

/// <summary>One received frame in a pooled buffer. Whoever holds it disposes it once nothing reads it any more; a second time does nothing.</summary>
internal sealed class Frame : IDisposable
{
    private readonly int _length;
    private readonly FrameBuffers _buffers;
    private byte[]? _buffer;

    /// <summary>Takes over a buffer.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="length">How many of its bytes are the frame.</param>
    /// <param name="buffers">Where it was rented and goes back to.</param>
    public Frame(byte[] buffer, int length, FrameBuffers buffers)
    {
        _buffers = buffers;
        _buffer = buffer;
        _length = length;
    }

    /// <summary>The frame without its length.</summary>
    /// <exception cref="ObjectDisposedException">The buffer has gone back.</exception>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            byte[]? buffer = _buffer;
            ObjectDisposedException.ThrowIf(buffer is null, this);
            return buffer.AsMemory(0, _length);
        }
    }

    /// <summary>Leaves the buffer to the garbage collector, for a response that outlives every owner.</summary>
    public void Abandon() => Interlocked.Exchange(ref _buffer, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            _buffers.Return(buffer);
        }
    }
}
