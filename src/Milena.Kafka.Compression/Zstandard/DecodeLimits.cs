namespace Milena.Kafka.Compression.Zstandard;

/// <summary>What a stream may cost at most.</summary>
/// <param name="MaxOutputSize">The most bytes that all its frames together may give.</param>
/// <param name="MaxWindowSize">The largest window that a frame may ask for.</param>
internal readonly record struct DecodeLimits(int MaxOutputSize, long MaxWindowSize);
