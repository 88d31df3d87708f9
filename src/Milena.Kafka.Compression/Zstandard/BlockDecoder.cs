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
    /// <param name="output">The frame's memory from its first byte; all of it may be scribbled on behind the content.</param>
    /// <param name="written">Bytes of content so far.</param>
    /// <param name="room">The most bytes that the block may give; the output has them.</param>
    /// <returns>Bytes of content after the block.</returns>
    public int Decode(ReadOnlySpan<byte> source, int position, in BlockHeader block, Span<byte> output, int written, int room)
    {
        int start = position + BlockHeader.Length;
        if (block.Type == BlockType.Compressed)
        {
            int end = start + block.ContentLength;
            int sequences = _literals.Decode(source, start, end, room);
            return _sequences.Decode(source, sequences, end, _literals.Literals, output, written, room);
        }

        if (block.Size > room)
        {
            Corrupt.Throw(position, $"a block of {block.Size:N0} bytes where {room:N0} are left");
        }

        Span<byte> content = output.Slice(written, block.Size);
        if (block.Type == BlockType.Raw)
        {
            source.Slice(start, block.Size).CopyTo(content);
        }
        else
        {
            content.Fill(source[start]);
        }

        return written + block.Size;
    }
}
