using System.Reflection;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>The C library, where it is installed.</summary>
internal sealed partial class Libzstd : IDisposable
{
    private const string Library = "libzstd.so.1";

    private readonly nint _encoder;
    private readonly nint _decoder;

    private Libzstd()
    {
        _encoder = CreateEncoder();
        _decoder = CreateDecoder();
    }

    /// <summary>Opens the library, or skips the test.</summary>
    public static Libzstd Open()
    {
        if (!NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out _))
        {
            Assert.Ignore($"{Library} is not installed.");
        }

        return new Libzstd();
    }

    public byte[] Compress(byte[] source, int level)
    {
        byte[] target = new byte[source.Length + (source.Length / 128) + 1024];
        nuint size = Compress(_encoder, target, (nuint)target.Length, source, (nuint)source.Length, level);
        Assert.That(IsError(size), Is.Zero, "libzstd failed to compress");
        return target[..(int)size];
    }

    /// <summary>The content, or nothing if the library refuses the stream or more comes out.</summary>
    public byte[]? TryDecompress(byte[] source, int maxSize)
    {
        byte[] target = new byte[maxSize];
        nuint size = Decompress(_decoder, target, (nuint)target.Length, source, (nuint)source.Length);
        return IsError(size) != 0 ? null : target[..(int)size];
    }

    public void Dispose()
    {
        _ = FreeEncoder(_encoder);
        _ = FreeDecoder(_decoder);
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeEncoder(nint encoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    private static partial nuint Compress(nint encoder, [Out] byte[] target, nuint targetSize, byte[] source, nuint sourceSize, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(nint decoder, [Out] byte[] target, nuint targetSize, byte[] source, nuint sourceSize);
}
