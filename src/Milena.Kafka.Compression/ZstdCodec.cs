using System.Buffers;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression;

/// <summary>Zstandard (RFC 8878) in managed code.</summary>
public sealed class ZstdCodec : ICompressionCodec
{
    private static readonly WorkspacePool<FrameDecoder> Decoders = new();

    private readonly int _maxWindowLog = 27;

    /// <summary>The largest window that a frame may ask for, as a power of two.</summary>
    /// <value>27 (128 MiB), what Kafka's Java client and the <c>zstd</c> tool take. From 10 to 31.</value>
    /// <remarks>A frame that carries its size in place of a window is held against the output limit only.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    public int MaxWindowLog
    {
        get => _maxWindowLog;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, FrameHeader.MinWindowLog);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 31);
            _maxWindowLog = value;
        }
    }

    /// <inheritdoc/>
    public string Name => Corrupt.Codec;

    /// <inheritdoc/>
    public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Several frames one after the other give the content of all; skippable frames give nothing. Content checksums are verified.
    /// A frame that needs a dictionary is refused with its number.
    /// </remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        FrameDecoder decoder = Decoders.Rent();
        decoder.Decode(source.Span, destination, new DecodeLimits(maxOutputSize, 1L << MaxWindowLog));
        Decoders.Return(decoder);
    }
}
