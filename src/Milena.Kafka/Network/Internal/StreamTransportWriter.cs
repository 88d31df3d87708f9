namespace Milena.Kafka.Network.Internal;

/// <summary>Writes segments one after the other; small ones are put together, so that TLS need not wrap each.</summary>
internal sealed class StreamTransportWriter(Stream stream) : TransportWriter
{
    private readonly byte[] _block = new byte[16 * 1024];
    private int _used;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments, CancellationToken cancellationToken)
    {
        _used = 0;
        for (int i = 0; i < segments.Count; i++)
        {
            ReadOnlyMemory<byte> segment = segments[i];
            if (segment.Length > _block.Length - _used)
            {
                await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
            }

            if (segment.Length > _block.Length)
            {
                await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
                continue;
            }

            segment.CopyTo(_block.AsMemory(_used));
            _used += segment.Length;
        }

        await WriteBlockAsync(cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteBlockAsync(CancellationToken cancellationToken)
    {
        if (_used > 0)
        {
            await stream.WriteAsync(_block.AsMemory(0, _used), cancellationToken).ConfigureAwait(false);
            _used = 0;
        }
    }
}
