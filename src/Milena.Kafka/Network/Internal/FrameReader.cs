using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Network.Internal;

/// <summary>Cuts the received bytes into frames. Owned by the receive loop; not thread-safe.</summary>
/// <remarks>A length is checked before it is believed, and memory for a large frame grows with the bytes that arrive: at most to twice of what has been sent, in it or in one before.</remarks>
internal sealed class FrameReader(Stream stream, string endpoint, int maxFrameSize)
{
    private const int LengthSize = 4;
    private const int LargestFirstClaim = 1024 * 1024;

    private readonly TransportReader _reader = TransportReader.For(stream);
    private readonly byte[] _received = new byte[16 * 1024];
    private readonly FrameBuffers _buffers = new();
    private int _largest;
    private int _start;
    private int _end;
    private bool _hasReadFrame;

    /// <summary>Reads the next frame.</summary>
    /// <param name="cancellationToken">Set off when the connection ends.</param>
    /// <returns>The frame, or null if the peer ended the stream between two frames.</returns>
    /// <exception cref="PoisonedConnectionException">The bytes are no frame.</exception>
    /// <exception cref="EndOfStreamException">The peer ended the stream within a frame.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < LengthSize)
        {
            if (!await ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                return _end == _start ? null : throw CutOff(_end - _start, LengthSize);
            }
        }

        int length = TakeLength();
        byte[] buffer = _buffers.Rent((int)Math.Min(length, Math.Max(LargestFirstClaim, 2L * _largest)));
        int filled = Math.Min(length, _end - _start);
        _received.AsSpan(_start, filled).CopyTo(buffer);
        _start += filled;
        while (filled < length)
        {
            if (filled == buffer.Length)
            {
                buffer = Grow(buffer, length);
            }

            // After a failed read the buffer is left to the garbage collector: a stream may still hold it.
            Memory<byte> room = buffer.AsMemory(filled, Math.Min(buffer.Length, length) - filled);
            int count = await _reader.ReadAsync(room, wanted: room.Length, cancellationToken).ConfigureAwait(false);
            filled += count > 0 ? count : throw CutOff(filled, length);
        }

        _hasReadFrame = true;
        _largest = Math.Max(_largest, length);
        return new Frame(buffer, length, _buffers);
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        _received.AsSpan(_start.._end).CopyTo(_received);
        _end -= _start;
        _start = 0;
        int count = await _reader.ReadAsync(_received.AsMemory(_end), wanted: 1, cancellationToken).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }

    private int TakeLength()
    {
        ReadOnlySpan<byte> first = _received.AsSpan(_start, LengthSize);
        int length = BinaryPrimitives.ReadInt32BigEndian(first);
        if ((!_hasReadFrame || length > maxFrameSize) && ForeignProtocol.Recognise(first) is { } foreign)
        {
            throw new PoisonedConnectionException(endpoint, $"{endpoint} does not speak Kafka: {foreign}") { IsTls = ForeignProtocol.IsTls(first) };
        }

        if (length < ResponseFrame.MinSize || length > maxFrameSize)
        {
            string hint = _hasReadFrame ? "The stream is damaged, or the limit is too low." : "Something else than a Kafka broker may listen there.";
            throw new PoisonedConnectionException(
                endpoint,
                $"{endpoint} announced a response of {length:N0} bytes; between {ResponseFrame.MinSize} and {maxFrameSize:N0} are accepted. {hint}");
        }

        _start += LengthSize;
        return length;
    }

    private byte[] Grow(byte[] buffer, int length)
    {
        byte[] larger = _buffers.Rent((int)Math.Min(length, 2L * buffer.Length));
        buffer.CopyTo(larger, 0);
        _buffers.Return(buffer);
        return larger;
    }

    private static EndOfStreamException CutOff(int received, int wanted) =>
        new($"the stream ended within a response, after {received:N0} of {wanted:N0} bytes");
}
