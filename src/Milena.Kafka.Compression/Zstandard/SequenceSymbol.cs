namespace Milena.Kafka.Compression.Zstandard;

/// <summary>One state of a decoding table for sequences: what it stands for, and which states may follow.</summary>
/// <param name="Baseline">The value without its extra bits.</param>
/// <param name="NextState">The following state without its bits.</param>
/// <param name="StateBits">Bits to read for the following state.</param>
/// <param name="ExtraBits">Bits to read and add to the baseline.</param>
internal readonly record struct SequenceSymbol(uint Baseline, ushort NextState, byte StateBits, byte ExtraBits);
