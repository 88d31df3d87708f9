using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Network.Internal;

/// <summary>Hands many segments to a socket in one gathering write.</summary>
internal sealed class SocketTransportWriter(Socket socket) : TransportWriter
{
    private readonly List<ArraySegment<byte>> _buffers = [];

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken)
    {
        if (segments.Count == 1 || !TryGather(segments))
        {
            await WriteOneByOneAsync(segments, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            while (_buffers.Count > 0)
            {
                // The socket is closed when the connection ends; that ends this write.
                Skip(await socket.SendAsync(_buffers, SocketFlags.None).ConfigureAwait(false));
            }
        }
        finally
        {
            _buffers.Clear();
        }
    }

    private async ValueTask WriteOneByOneAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken)
    {
        for (int i = 0; i < segments.Count; i++)
        {
            ReadOnlyMemory<byte> rest = segments[i];
            while (rest.Length > 0)
            {
                int sent = await socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                rest = rest[sent..];
            }
        }
    }

    private bool TryGather(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        for (int i = 0; i < segments.Count; i++)
        {
            if (!MemoryMarshal.TryGetArray(segments[i], out ArraySegment<byte> buffer))
            {
                _buffers.Clear();
                return false;
            }

            _buffers.Add(buffer);
        }

        return true;
    }

    // A socket may take less than it was given.
    private void Skip(int sent)
    {
        int whole = 0;
        while (whole < _buffers.Count && sent >= _buffers[whole].Count)
        {
            sent -= _buffers[whole++].Count;
        }

        _buffers.RemoveRange(0, whole);
        if (sent > 0)
        {
            _buffers[0] = _buffers[0][sent..];
        }
    }
}
