namespace Milena.Kafka.Compression.Zstandard;

/// <summary>What a frame carries beside its blocks.</summary>
/// <param name="WritesContentSize">The size of the content.</param>
/// <param name="WritesChecksum">A checksum of the content.</param>
internal readonly record struct FrameOptions(bool WritesContentSize, bool WritesChecksum);
