namespace Milena.Kafka.Compression;

/// <summary>Where a block decoder stands in its input and output. The copies of this type check every bound.</summary>
internal unsafe ref struct BlockCursor
{
    public readonly byte* InputEnd;

    /// <summary>The first byte of output that a match may reach.</summary>
    public readonly byte* History;
    public readonly byte* OutputEnd;
    public byte* Input;
    public byte* Output;

    private readonly byte* _outputStart;

    public BlockCursor(byte* input, int inputLength, byte* history, byte* output, int outputLength)
    {
        Input = input;
        InputEnd = input + inputLength;
        History = history;
        Output = output;
        OutputEnd = output + outputLength;
        _outputStart = output;
    }

    public readonly long InputLeft => InputEnd - Input;

    public readonly long OutputLeft => OutputEnd - Output;

    public readonly int Written => (int)(Output - _outputStart);

    /// <returns>0, or a <see cref="BlockFault"/>.</returns>
    public int CopyLiteral(long length)
    {
        if (length > InputLeft)
        {
            return BlockFault.CutOff;
        }

        if (length > OutputLeft)
        {
            return BlockFault.OutputFull;
        }

        Buffer.MemoryCopy(Input, Output, length, length);
        Input += length;
        Output += length;
        return 0;
    }

    /// <returns>0, or a <see cref="BlockFault"/>.</returns>
    public int CopyMatch(int length, long offset)
    {
        if (offset == 0 || offset > Output - History)
        {
            return BlockFault.BadOffset;
        }

        if (length > OutputLeft)
        {
            return BlockFault.OutputFull;
        }

        Match.CopyExact(Output, (int)offset, length);
        Output += length;
        return 0;
    }
}
