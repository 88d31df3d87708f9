namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How much a frame can give at least and at most, told from its block headers alone: known before any memory is taken.</summary>
/// <param name="MinContentSize">Bytes of the blocks that state their size.</param>
/// <param name="MaxContentSize">The same, with every compressed block at its most.</param>
internal readonly record struct FrameExtent(long MinContentSize, long MaxContentSize)
{
    /// <summary>Walks the block headers. A frame that is cut off ends here.</summary>
    public static FrameExtent Measure(ReadOnlySpan<byte> source, int position, in FrameHeader frame)
    {
        long min = 0;
        long max = 0;
        int maxBlockSize = frame.MaxBlockSize;
        int next = position + frame.Length;
        BlockHeader block;
        do
        {
            block = BlockHeader.Read(source, next, maxBlockSize);
            bool isCompressed = block.Type == BlockType.Compressed;
            min += isCompressed ? 0 : block.Size;
            max += isCompressed ? maxBlockSize : block.Size;
            next += BlockHeader.Length + block.ContentLength;
        }
        while (!block.IsLast);

        if (frame.HasChecksum && source.Length - next < sizeof(uint))
        {
            Corrupt.ThrowCutOff(next, "content checksum");
        }

        return new FrameExtent(min, max);
    }
}
