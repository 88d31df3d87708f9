namespace Milena.Kafka.Compression;

/// <summary>What a <see cref="SnappyCodec"/> writes. It reads both.</summary>
public enum SnappyFormat
{
    /// <summary>Blocks of 32 KiB with a head and a length before each, as Kafka's Java client writes through xerial's library. The brokers and every client read it.</summary>
    Framed,

    /// <summary>One bare Snappy block, as librdkafka writes.</summary>
    Raw,
}
