namespace Milena.Kafka.Compression;

/// <summary>How a <see cref="Lz4Codec"/> writes its frames. The defaults are what Kafka's Java client writes and reads; it refuses linked blocks.</summary>
public sealed record Lz4FrameOptions
{
    /// <summary>The largest block.</summary>
    /// <value>64 KiB.</value>
    public Lz4BlockSize BlockSize { get; init; } = Lz4BlockSize.Max64KB;

    /// <summary>Whether a block may repeat bytes of the blocks before it. Smaller frames, which Kafka's Java client and its brokers cannot read.</summary>
    /// <value><see langword="false"/></value>
    public bool LinkedBlocks { get; init; }

    /// <summary>Whether a checksum follows each block.</summary>
    /// <value><see langword="false"/>: a record batch has its own.</value>
    public bool BlockChecksums { get; init; }

    /// <summary>Whether a checksum of all content ends the frame. Kafka's Java client does not look at it.</summary>
    /// <value><see langword="false"/>: a record batch has its own.</value>
    public bool ContentChecksum { get; init; }

    /// <summary>Whether the frame tells how many bytes come out of it.</summary>
    /// <value><see langword="false"/></value>
    public bool ContentSize { get; init; }

    /// <summary>How much faster the fast levels look for matches, for less compression; 1 looks everywhere.</summary>
    /// <value>1, up to 65,537.</value>
    public int Acceleration { get; init; } = 1;

    /// <summary>
    /// Whether the checksum of the frame's head covers the magic number before it, as clients before Kafka 0.10 had it. Frames are written
    /// so, and read with either checksum.
    /// </summary>
    /// <value><see langword="false"/></value>
    /// <remarks>KAFKA-3160: messages of magic 0 keep the wrong checksum, later ones have the right one.</remarks>
    public bool HeaderChecksumCoversMagic { get; init; }
}
