using System.Runtime.InteropServices;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>The stream interface of zlib, set to gzip, with states that are kept.</summary>
internal static unsafe partial class NativeZlib
{
    public const string Library = "libz.so.1";

    private const string Version = "1.2.11";
    private const int Deflated = 8;
    private const int GzipWindow = 15 + 16;
    private const int DefaultMemory = 8;
    private const int DefaultStrategy = 0;
    private const int Finish = 4;

    /// <summary>A state that compresses.</summary>
    public static Stream* CreateEncoder(int level)
    {
        var stream = (Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Stream));
        ThrowIfFailed(DeflateInit(stream, level, Deflated, GzipWindow, DefaultMemory, DefaultStrategy, Version, sizeof(Stream)));
        return stream;
    }

    /// <summary>A state that decompresses.</summary>
    public static Stream* CreateDecoder()
    {
        var stream = (Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Stream));
        ThrowIfFailed(InflateInit(stream, GzipWindow, Version, sizeof(Stream)));
        return stream;
    }

    public static void FreeEncoder(Stream* stream)
    {
        _ = DeflateEnd(stream);
        NativeMemory.Free(stream);
    }

    public static void FreeDecoder(Stream* stream)
    {
        _ = InflateEnd(stream);
        NativeMemory.Free(stream);
    }

    public static nuint Compress(Stream* stream, byte[] source, byte[] target)
    {
        ThrowIfFailed(DeflateReset(stream));
        fixed (byte* input = source)
        fixed (byte* output = target)
        {
            Set(stream, input, source.Length, output, target.Length);
            _ = Deflate(stream, Finish);
        }

        return stream->TotalOutput;
    }

    public static nuint Decompress(Stream* stream, byte[] source, byte[] target)
    {
        ThrowIfFailed(InflateReset(stream));
        fixed (byte* input = source)
        fixed (byte* output = target)
        {
            Set(stream, input, source.Length, output, target.Length);
            _ = Inflate(stream, Finish);
        }

        return stream->TotalOutput;
    }

    private static void Set(Stream* stream, byte* input, int inputLength, byte* output, int outputLength)
    {
        stream->Input = input;
        stream->InputLeft = (uint)inputLength;
        stream->Output = output;
        stream->OutputLeft = (uint)outputLength;
    }

    private static void ThrowIfFailed(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException($"zlib failed with {code}.");
        }
    }

    [LibraryImport(Library, EntryPoint = "deflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int DeflateInit(Stream* stream, int level, int method, int windowBits, int memoryLevel, int strategy, string version, int size);

    [LibraryImport(Library, EntryPoint = "deflateReset")]
    private static partial int DeflateReset(Stream* stream);

    [LibraryImport(Library, EntryPoint = "deflate")]
    private static partial int Deflate(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "deflateEnd")]
    private static partial int DeflateEnd(Stream* stream);

    [LibraryImport(Library, EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InflateInit(Stream* stream, int windowBits, string version, int size);

    [LibraryImport(Library, EntryPoint = "inflateReset")]
    private static partial int InflateReset(Stream* stream);

    [LibraryImport(Library, EntryPoint = "inflate")]
    private static partial int Inflate(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    private static partial int InflateEnd(Stream* stream);

    /// <summary><c>z_stream</c> as 64-bit Unix lays it out.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Stream
    {
        public byte* Input;
        public uint InputLeft;
        public nuint TotalInput;
        public byte* Output;
        public uint OutputLeft;
        public nuint TotalOutput;
        public nint Message;
        public nint State;
        public nint Allocate;
        public nint Free;
        public nint Opaque;
        public int Type;
        public nuint Checksum;
        public nuint Reserved;
    }
}
