using System.Buffers;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression;

/// <summary>Zstandard (RFC 8878) in managed code.</summary>
/// <remarks>
/// Frames go out with the size of their content and without a checksum; a batch of Kafka records has its own. Workspaces are
/// kept and shared by all instances: 0.2 MB for each thread that decodes at the same time, up to 2 MB for each that encodes on levels up to 4; above
/// them it is about ten times the size of the input, and not more than 36 MB.
/// </remarks>
public sealed class ZstdCodec : ICompressionCodec
{
    // Leaves room above places in the input for steps beyond its end.
    private const int MaxInputSize = int.MaxValue - (1 << 20);

    private static readonly WorkspacePool<FrameDecoder> Decoders = new();
    private static readonly WorkspacePool<FrameEncoder> Encoders = new();

    private readonly int _maxWindowLog = 27;

    /// <summary>The largest window that a frame may ask for when it is read, as a power of two.</summary>
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

    /// <summary>Whether frames say how many bytes they hold.</summary>
    /// <value><see langword="true"/>: a reader then takes the memory that it needs at once. Kafka's Java client, which writes as a stream, does not say it.</value>
    public bool WritesContentSize { get; init; } = true;

    /// <summary>Whether frames end with a checksum of their content.</summary>
    /// <value><see langword="false"/>, as Kafka's Java client does it.</value>
    public bool WritesChecksum { get; init; }

    /// <inheritdoc/>
    public string Name => Corrupt.Codec;

    /// <inheritdoc/>
    /// <remarks>
    /// Levels are those of Kafka's <c>compression.zstd.level</c> (KIP-390), -131072 to 22, with 3 as default; 0 is the default too. Behind
    /// them stand three ways to look for matches: one hash table up to 2 (below 0 with ever larger steps and with plain literals), two hash tables on 3 and 4,
    /// chains with a look ahead from 5 on, longer ones on each level up to 16. The levels above it are the same as 16.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="source"/> is larger than 2 GiB less one MiB.</exception>
    public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int wanted = level ?? EncodeParameters.DefaultLevel;
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, EncodeParameters.MinLevel, nameof(level));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, EncodeParameters.MaxLevel, nameof(level));
        if (source.Length > MaxInputSize)
        {
            throw new ArgumentException($"A zstd frame is made of at most {MaxInputSize:N0} bytes, not of {source.Length:N0}.", nameof(source));
        }

        using var contiguous = new ContiguousSource(source);
        FrameEncoder encoder = Encoders.Rent();
        encoder.Encode(contiguous.Span, destination, EncodeParameters.For(wanted, contiguous.Span.Length), new FrameOptions(WritesContentSize, WritesChecksum));
        Encoders.Return(encoder);
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
        try
        {
            decoder.Decode(source.Span, destination, new DecodeLimits(maxOutputSize, 1L << MaxWindowLog));
        }
        finally
        {
            // A decoder that stopped in the middle begins the next frame afresh.
            Decoders.Return(decoder);
        }
    }
}
