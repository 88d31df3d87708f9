using System.Runtime.InteropServices;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>The one-shot interface of libzstd, with contexts that are kept.</summary>
internal static unsafe partial class NativeZstd
{
    public const string Library = "libzstd.so.1";

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeEncoder(nint encoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    public static partial nuint Compress(nint encoder, byte* output, nuint outputLength, byte* input, nuint inputLength, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    public static partial nuint Decompress(nint decoder, byte* output, nuint outputLength, byte* input, nuint inputLength);
}
