namespace Milena.Kafka.Protocol.Records;

/// <summary>How the records of a batch are read.</summary>
public sealed class RecordReadOptions
{
    /// <summary>The defaults: CRC checked, the codecs of the package, 128 MiB.</summary>
    public static RecordReadOptions Default { get; } = new();

    /// <summary>Whether the checksum of a batch is verified when its records are opened.</summary>
    /// <value><see langword="true"/>.</value>
    /// <remarks>Kafka calls this <c>check.crcs</c>.</remarks>
    public bool CheckCrc { get; init; } = true;

    /// <summary>What decompresses.</summary>
    /// <value><see cref="CompressionCodecs.Default"/>.</value>
    public CompressionCodecs Codecs { get; init; } = CompressionCodecs.Default;

    /// <summary>The most bytes that the records of one batch may take once decompressed. A batch of more counts as corrupt.</summary>
    /// <value>128 MiB.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxDecompressedSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 128 * 1024 * 1024;
}
