namespace Milena.Kafka.Compression;

/// <summary>Why a block could not be decoded; negative, where a decoder's result is a count of bytes.</summary>
internal static class BlockFault
{
    /// <summary>The block ends within an element.</summary>
    public const int CutOff = -1;

    /// <summary>A match starts before the first byte of output, or has offset 0.</summary>
    public const int BadOffset = -2;

    /// <summary>More comes out than there is room for.</summary>
    public const int OutputFull = -3;

    /// <summary>The fault as a clause of a message.</summary>
    public static string Describe(int fault) => fault switch
    {
        CutOff => "the block ends within an element",
        BadOffset => "a match starts before the output",
        _ => "the block holds more bytes than it may",
    };
}
