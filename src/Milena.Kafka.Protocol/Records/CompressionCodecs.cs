using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Which codec stands behind which of Kafka's codec numbers. Immutable.</summary>
/// <example><c>CompressionCodecs.Default.With(CompressionType.Zstd, new MyZstdCodec())</c></example>
public sealed class CompressionCodecs
{
    // KAFKA-3160: before magic 2 a frame's head may have the checksum that covers too much, so that frames of either kind are read.
    private static readonly Lz4Codec MessageSetLz4 = new(new Lz4FrameOptions { HeaderChecksumCoversMagic = true });

    private readonly ImmutableDictionary<CompressionType, ICompressionCodec> _codecs;

    private CompressionCodecs(ImmutableDictionary<CompressionType, ICompressionCodec> codecs)
    {
        _codecs = codecs;
    }

    /// <summary>The codecs that come with the package.</summary>
    public static CompressionCodecs Default { get; } = new(
        ImmutableDictionary<CompressionType, ICompressionCodec>.Empty
            .Add(CompressionType.Gzip, new GzipCodec())
            .Add(CompressionType.Snappy, new SnappyCodec())
            .Add(CompressionType.Lz4, new Lz4Codec())
            .Add(CompressionType.Zstd, new ZstdCodec()));

    /// <summary>A set with one codec added or replaced.</summary>
    /// <param name="compression">The number that batches carry.</param>
    /// <param name="codec">What compresses and decompresses them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number stands for no compression, or has more than three bits.</exception>
    public CompressionCodecs With(CompressionType compression, ICompressionCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        if ((int)compression is < 1 or > 7)
        {
            throw new ArgumentOutOfRangeException(nameof(compression), compression, "A codec has a number from 1 to 7.");
        }

        return new CompressionCodecs(_codecs.SetItem(compression, codec));
    }

    /// <summary>Looks for a codec.</summary>
    /// <param name="compression">The number that batches carry.</param>
    /// <param name="codec">The codec, if there is one.</param>
    public bool TryGet(CompressionType compression, [MaybeNullWhen(false)] out ICompressionCodec codec) => _codecs.TryGetValue(compression, out codec);

    /// <summary>The codec of a number.</summary>
    /// <param name="compression">The number that batches carry.</param>
    /// <exception cref="UnsupportedCompressionException">No codec is registered for it.</exception>
    public ICompressionCodec Get(CompressionType compression) => TryGet(compression, out ICompressionCodec? codec)
        ? codec
        : throw new UnsupportedCompressionException(
            compression,
            $"No codec is registered for compression {compression} ({(int)compression}). Register one: CompressionCodecs.Default.With(CompressionType.{compression}, codec), codec being an {nameof(ICompressionCodec)}.");

    /// <summary>The codec that reads batches of a magic: that of the number, but for the LZ4 of old messages. A codec of the user's own stays what it is.</summary>
    internal ICompressionCodec ForReading(CompressionType compression, byte magic)
    {
        ICompressionCodec codec = Get(compression);
        return magic < RecordBatchLayout.CurrentMagic && codec is Lz4Codec ? MessageSetLz4 : codec;
    }
}
