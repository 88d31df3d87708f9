namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The codes of one sequence.</summary>
internal readonly record struct SequenceCodes(byte LiteralLength, byte Offset, byte MatchLength);
