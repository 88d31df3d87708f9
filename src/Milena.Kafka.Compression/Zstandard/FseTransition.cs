namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How one symbol moves the state of an FSE encoder.</summary>
/// <param name="BitsBias">Added to the state, its upper half is the number of bits to write.</param>
/// <param name="StateBias">Added to what is left of the state, it is the place of the following state in the table.</param>
internal readonly record struct FseTransition(uint BitsBias, int StateBias);
