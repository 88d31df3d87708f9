using System.Net.Sockets;

namespace Milena.Kafka.Network.Internal;

/// <summary>Writes lists of segments to a transport. One write at a time.</summary>
internal abstract class TransportWriter
{
    /// <summary>The writer that fits a stream: gathering for a bare socket, sequential for all else.</summary>
    public static TransportWriter For(Stream stream) =>
        stream.GetType() == typeof(NetworkStream) ? new SocketTransportWriter(((NetworkStream)stream).Socket) : new StreamTransportWriter(stream);

    /// <summary>Writes all segments in order. The memory is not read any more once the task has ended, also when it failed.</summary>
    /// <param name="segments">What to write.</param>
    /// <param name="cancellationToken">Set off only when the connection ends, since it may stop in mid-frame.</param>
    public abstract ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken);
}
