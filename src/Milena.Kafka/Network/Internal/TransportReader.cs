using System.Net.Sockets;

namespace Milena.Kafka.Network.Internal;

/// <summary>Reads from a transport. One read at a time.</summary>
internal abstract class TransportReader
{
    /// <summary>The reader that fits a stream: one that sleeps until much is there for a bare socket on Linux, a plain one for all else.</summary>
    public static TransportReader For(Stream stream) =>
        OperatingSystem.IsLinux() && stream.GetType() == typeof(NetworkStream) ? new SocketTransportReader((NetworkStream)stream) : new StreamTransportReader(stream);

    /// <summary>Reads what is there, or waits until something is.</summary>
    /// <param name="room">Where it goes. After a failed read the transport may still hold it.</param>
    /// <param name="wanted">So many bytes are on their way, and nothing can be begun with less: the reader may wait for them, and need not.</param>
    /// <param name="cancellationToken">Set off when the connection ends.</param>
    /// <returns>The number of bytes; 0 if the peer has ended the stream.</returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> room, int wanted, CancellationToken cancellationToken);
}
