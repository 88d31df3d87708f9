namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>What is compressed.</summary>
public enum PayloadKind
{
    /// <summary>JSON records of about 250 bytes.</summary>
    Json,

    /// <summary>Bytes that cannot be compressed.</summary>
    Noise,
}
