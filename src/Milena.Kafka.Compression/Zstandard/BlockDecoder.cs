namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Decodes the blocks of one frame in order; tables and offsets that a block leaves behind serve the next.</summary>
internal sealed class BlockDecoder
{
    private readonly LiteralsDecoder _literals = new();
    private readonly SequencesDecoder _sequences = new();

    /// <summary>Forgets what the blocks of the frame before left behind.</summary>
    public void StartFrame()
    {
        _literals.StartFrame();
        _sequences.StartFrame();
    }

    /// <summary>Decodes one block behind the content so far.</summary>
    /// <param name="source">The whole input.</param>
    /// <param name="position">Where the block's header begins.</param>
    /// <param name="block">The header; its content is known to be there.</param>
    /// <param name="target">Where its content goes.</param>
    /// <returns>Bytes of content after the block.</returns>
    public int Decode(ReadOnlySpan<byte> source, int position, in BlockHeader block, BlockTarget target)
    {
        int start = position + BlockHeader.Length;
        if (block.Type == BlockType.Compressed)
        {
            int end = start + block.ContentLength;
            int sequences = _literals.Decode(source, start, end, target.Room);
            return _sequences.Decode(source, sequences, end, _literals.Literals, target);
        }

        if (block.Size > target.Room)
        {
            Corrupt.Throw(position, $"a block of {block.Size:N0} bytes where {target.Room:N0} are left");
        }

        Span<byte> content = target.Output.Slice(target.Written, block.Size);
        if (block.Type == BlockType.Raw)
        {
            source.Slice(start, block.Size).CopyTo(content);
        }
        else
        {
            content.Fill(source[start]);
        }

        return target.Written + block.Size;
    }
}
