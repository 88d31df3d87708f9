using System.Runtime.CompilerServices;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Places of 16 bits, for blocks of up to 64 KiB: twice the entries in the same memory.</summary>
internal readonly unsafe struct Lz4NearTable : ILz4Table
{
    public static bool IsFar => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(byte* input) => (Unsafe.ReadUnaligned<uint>(input) * 2654435761) >> (32 - 13);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(void* table, uint hash) => ((ushort*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(void* table, uint hash, uint place) => ((ushort*)table)[hash] = (ushort)place;
}
