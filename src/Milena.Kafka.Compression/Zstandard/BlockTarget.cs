namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Where the content of a block goes: behind that of the blocks before, so that matches can reach back.</summary>
/// <param name="output">The frame's memory from its first byte; all of it may be scribbled on behind the content.</param>
/// <param name="written">Bytes of content so far.</param>
/// <param name="room">The most bytes that the block may give; the output has them.</param>
internal readonly ref struct BlockTarget(Span<byte> output, int written, int room)
{
    public Span<byte> Output { get; } = output;

    public int Written { get; } = written;

    public int Room { get; } = room;
}
