namespace Milena.Kafka.Compression;

/// <summary>The largest block of an LZ4 frame. The numbers are those of the format.</summary>
public enum Lz4BlockSize
{
    /// <summary>64 KiB: what Kafka's clients write.</summary>
    Max64KB = 4,

    /// <summary>256 KiB.</summary>
    Max256KB = 5,

    /// <summary>1 MiB.</summary>
    Max1MB = 6,

    /// <summary>4 MiB.</summary>
    Max4MB = 7,
}
