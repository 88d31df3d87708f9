namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The bits of a block's sequences.</summary>
/// <param name="source">The whole input.</param>
/// <param name="start">Where the stream begins.</param>
/// <param name="end">Where it ends.</param>
/// <param name="count">Sequences in it, one at least.</param>
internal readonly ref struct SequenceStream(ReadOnlySpan<byte> source, int start, int end, int count)
{
    public ReadOnlySpan<byte> Source { get; } = source;

    public int Start { get; } = start;

    public int End { get; } = end;

    public int Count { get; } = count;
}
