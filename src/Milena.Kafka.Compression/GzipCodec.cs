using System.Buffers;
using System.IO.Compression;

namespace Milena.Kafka.Compression;

/// <summary>gzip (RFC 1952) on the runtime's own zlib.</summary>
/// <remarks>
/// The runtime offers gzip as a stream only and such a stream cannot be reset, so each call allocates a few small objects and a
/// native zlib state; the data itself passes through pooled buffers.
/// </remarks>
public sealed class GzipCodec : ICompressionCodec
{
    private const int BlockSize = 16 * 1024;
    private const int MinLevel = 1;
    private const int MaxLevel = 9;
    private const int DefaultLevel = 6;

    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    /// <remarks>Levels go from 1 (fast) to 9 (small); 6 is the default. Kafka's <c>compression.gzip.level</c> (KIP-390) also writes -1 for the default.</remarks>
    public void Compress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int wanted = level is null or -1 ? DefaultLevel : level.Value;
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, MinLevel, nameof(level));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, MaxLevel, nameof(level));

        using var target = new BufferWriterStream(destination);
        using var gzip = new GZipStream(target, new ZLibCompressionOptions { CompressionLevel = wanted }, leaveOpen: true);
        if (source.IsEmpty)
        {
            // Without any write the stream would leave out even its head, and nothing is not a gzip stream.
            gzip.Flush();
        }

        gzip.Write(source.Span);
    }

    /// <inheritdoc/>
    /// <remarks>Several gzip members one after the other give the bytes of all. The checksum of each is verified.</remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        if (source.IsEmpty)
        {
            throw new InvalidDataException("A gzip stream of no bytes.");
        }

        try
        {
            using var compressed = new ReadOnlyMemoryStream(source);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            Copy(gzip, destination, maxOutputSize);
        }
        catch (IOException exception)
        {
            // zlib's own errors come as a kind of IOException.
            throw new InvalidDataException($"A corrupt gzip stream: {exception.Message}", exception);
        }
    }

    private static void Copy(GZipStream gzip, IBufferWriter<byte> destination, int maxOutputSize)
    {
        int left = maxOutputSize;
        while (left > 0)
        {
            Span<byte> block = destination.GetSpan(Math.Min(BlockSize, left));
            int read = gzip.Read(block[..Math.Min(block.Length, left)]);
            if (read == 0)
            {
                return;
            }

            destination.Advance(read);
            left -= read;
        }

        // Only one byte more tells whether the stream ends at the limit.
        if (gzip.ReadByte() >= 0)
        {
            throw new InvalidDataException($"A gzip stream holds more than the allowed {maxOutputSize:N0} bytes.");
        }
    }
}
