using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Places of 32 bits, for large and linked blocks; hashes five bytes, as long inputs have many accidental matches of four.</summary>
internal readonly unsafe struct Lz4FarTable : ILz4Table
{
    public static bool IsFar => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(byte* input) => BitConverter.IsLittleEndian
        ? (uint)(((Unsafe.ReadUnaligned<ulong>(input) << 24) * 889523592379) >> (64 - 12))
        : (Unsafe.ReadUnaligned<uint>(input) * 2654435761) >> (32 - 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(void* table, uint hash) => ((uint*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(void* table, uint hash, uint place) => ((uint*)table)[hash] = place;
}
