using Milena.Kafka.Compression;

namespace Milena.Kafka.Protocol.Records;

/// <summary>How the records of a batch are to be compressed.</summary>
/// <param name="Type">The number that the batch carries.</param>
/// <param name="Codec">What compresses.</param>
/// <param name="Level">How hard to try; <see langword="null"/> for the codec's default. Kafka calls it <c>compression.gzip.level</c> and so on (KIP-390).</param>
public readonly record struct BatchCompression(CompressionType Type, ICompressionCodec Codec, int? Level = null);
