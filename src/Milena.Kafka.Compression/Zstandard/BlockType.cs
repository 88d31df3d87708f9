namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How a block's content is written (RFC 8878, 3.1.1.2.2).</summary>
internal enum BlockType
{
    Raw = 0,
    Rle = 1,
    Compressed = 2,
    Reserved = 3,
}
