using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Network.Internal;

/// <summary>
/// Reads from a socket and has the kernel wake it only when much of a large answer is there (<c>SO_RCVLOWAT</c>). Waking costs two threads some 10 µs; an answer of 4 MiB
/// comes in a hundred pieces.
/// </summary>
internal sealed class SocketTransportReader(NetworkStream stream) : TransportReader
{
    // Linux: include/uapi/asm-generic/socket.h.
    private const int SocketLevel = 1;
    private const int ReceiveLowWaterMark = 18;

    private const int LeastMark = 64 * 1024;
    private const int MostMark = 512 * 1024;

    private int _mark = 1;
    private bool _isRefused;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> room, int wanted, CancellationToken cancellationToken)
    {
        // Never more than what is on its way: the kernel would wait for it for ever.
        SetMark(wanted < LeastMark ? 1 : Math.Min(wanted, MostMark));
        return stream.ReadAsync(room, cancellationToken);
    }

    private void SetMark(int mark)
    {
        if (mark == _mark || _isRefused)
        {
            return;
        }

        try
        {
            stream.Socket.SetRawSocketOption(SocketLevel, ReceiveLowWaterMark, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in mark)));
            _mark = mark;
        }
        catch (SocketException)
        {
            // Nothing is lost but a saving. A mark that was set before could not be taken back, but what is refused once is refused from the start.
            _isRefused = true;
        }
        catch (ObjectDisposedException)
        {
            // The connection ends; the read says so.
        }
    }
}
