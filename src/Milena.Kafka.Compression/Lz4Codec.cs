using System.Buffers;
using Milena.Kafka.Compression.Lz4;

namespace Milena.Kafka.Compression;

/// <summary>LZ4 in its frame format: little compression for little time, and the fastest to read.</summary>
public sealed class Lz4Codec : ICompressionCodec
{
    internal const string CodecName = "lz4";
    private const int MinLevel = 1;
    private const int MaxLevel = 17;
    private const int MaxAcceleration = 65537;

    // That of LZ4 itself; with a block more it is still a number of 31 bits.
    private const int MaxLength = 0x7E000000;

    private readonly Lz4FrameOptions _options;

    /// <summary>A codec that writes frames as Kafka's Java client does.</summary>
    public Lz4Codec()
        : this(new Lz4FrameOptions())
    {
    }

    /// <summary>A codec that writes frames of one's own choice.</summary>
    /// <param name="options">How frames are written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The options hold an unknown block size, or an acceleration that is not from 1 to 65,537.</exception>
    public Lz4Codec(Lz4FrameOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Enum.IsDefined(options.BlockSize))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.BlockSize, "The LZ4 frame format has blocks of 64 KiB, 256 KiB, 1 MiB and 4 MiB.");
        }

        if (options.Acceleration is < 1 or > MaxAcceleration)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Acceleration, $"The acceleration goes from 1 to {MaxAcceleration:N0}.");
        }

        _options = options;
    }

    /// <inheritdoc/>
    public string Name => CodecName;

    /// <inheritdoc/>
    /// <remarks>
    /// Levels go from 1 to 17, as <c>compression.lz4.level</c> (KIP-390) does: 1 and 2 are fast and so is the default, 3 to 12 look harder and
    /// harder, the rest are as 12. Kafka's Java client takes 9, its default, for the fast one; here 9 is what it is to LZ4's own tools.
    /// </remarks>
    /// <exception cref="ArgumentException">The source has more than 2,113,929,216 bytes.</exception>
    public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int wanted = level ?? MinLevel;
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, MinLevel, nameof(level));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, MaxLevel, nameof(level));
        if (source.Length > MaxLength)
        {
            throw new ArgumentException($"LZ4 takes up to {MaxLength:N0} bytes at once, not {source.Length:N0}.", nameof(source));
        }

        using var bytes = new ContiguousSource(source);
        using var encoder = new Lz4BlockEncoder(_options, wanted);
        new Lz4FrameWriter(bytes.Span, destination, _options, encoder).Write();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// All that the frame format knows is read, but for dictionaries and the legacy format: several frames give the bytes of all, skippable
    /// ones are passed over, every checksum is verified.
    /// </remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        new Lz4FrameReader(source.Span, destination, maxOutputSize, _options.HeaderChecksumCoversMagic).ReadAll();
    }
}
