namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Where the table of a code comes from; the two bits in the sequences header.</summary>
internal enum SequenceTableMode
{
    /// <summary>The table that RFC 8878 prints.</summary>
    Predefined = 0,

    /// <summary>One symbol for all sequences ("RLE").</summary>
    Single = 1,

    /// <summary>An FSE table description follows.</summary>
    Described = 2,

    /// <summary>The table of the block before.</summary>
    Repeat = 3,
}
