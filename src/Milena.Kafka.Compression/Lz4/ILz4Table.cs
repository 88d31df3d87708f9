namespace Milena.Kafka.Compression.Lz4;

/// <summary>The hash table of the fast encoder: of each hash, the last place where it was seen. As a type parameter, so that each kind gets its own machine code.</summary>
internal unsafe interface ILz4Table
{
    /// <summary>Whether places can be so far back that a match cannot reach them.</summary>
    static abstract bool IsFar { get; }

    static abstract uint Hash(byte* input);

    static abstract uint Get(void* table, uint hash);

    static abstract void Put(void* table, uint hash, uint place);
}
