namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How matches are looked for.</summary>
internal enum MatchStrategy
{
    /// <summary>One hash table, the latest place only.</summary>
    Fast,

    /// <summary>Two hash tables: for long matches and for short ones.</summary>
    DoubleFast,

    /// <summary>Chains of all places with the same hash, and a look at the next bytes before a match is taken.</summary>
    Lazy,
}
