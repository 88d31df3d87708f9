using System.Runtime.InteropServices;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>The C interface of libsnappy.</summary>
internal static unsafe partial class NativeSnappy
{
    public const string Library = "libsnappy.so.1";

    [LibraryImport(Library, EntryPoint = "snappy_compress")]
    public static partial int Compress(byte* input, nuint inputLength, byte* output, ref nuint outputLength);

    [LibraryImport(Library, EntryPoint = "snappy_uncompress")]
    public static partial int Uncompress(byte* input, nuint inputLength, byte* output, ref nuint outputLength);
}
