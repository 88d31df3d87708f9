namespace Milena.Kafka.Network.Internal;

/// <summary>Reads from any stream.</summary>
internal sealed class StreamTransportReader(Stream stream) : TransportReader
{
    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> room, int wanted, CancellationToken cancellationToken) => stream.ReadAsync(room, cancellationToken);
}
