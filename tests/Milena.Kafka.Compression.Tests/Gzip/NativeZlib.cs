using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Tests.Gzip;

/// <summary>The C interface of zlib, where the machine has it; another zlib than the one within the runtime.</summary>
internal static unsafe partial class NativeZlib
{
    /// <summary>One deflate block after the other is chosen by zlib.</summary>
    public const int DefaultStrategy = 0;

    /// <summary>Only the codes that RFC 1951 fixes.</summary>
    public const int Fixed = 4;

    private const string Library = "libz.so.1";
    private const string Version = "1.2.11";
    private const int Deflated = 8;
    private const int GzipWindow = 15 + 16;
    private const int Finish = 4;
    private const int StreamEnd = 1;

    public static void IgnoreIfMissing()
    {
        // The layout of the struct is that of 64-bit Unix.
        if (OperatingSystem.IsWindows() || !Environment.Is64BitProcess || !NativeLibrary.TryLoad(Library, out _))
        {
            Assert.Ignore($"The library {Library} is not installed.");
        }
    }

    /// <summary>A gzip member.</summary>
    public static byte[] Compress(byte[] bytes, int level, int memoryLevel = 8, int strategy = DefaultStrategy)
    {
        byte[] output = new byte[bytes.Length + (bytes.Length / 100) + 2000];
        Stream stream = default;
        Assert.That(DeflateInit(&stream, level, Deflated, GzipWindow, memoryLevel, strategy, Version, sizeof(Stream)), Is.Zero);
        fixed (byte* input = bytes)
        fixed (byte* target = output)
        {
            stream.Input = input;
            stream.InputLeft = (uint)bytes.Length;
            stream.Output = target;
            stream.OutputLeft = (uint)output.Length;
            Assert.That(Deflate(&stream, Finish), Is.EqualTo(StreamEnd));
        }

        Assert.That(DeflateEnd(&stream), Is.Zero);
        return output[..(int)stream.TotalOutput];
    }

    /// <summary>The content of one member.</summary>
    public static byte[] Decompress(byte[] member, int size)
    {
        byte[] output = new byte[size + 1];
        Stream stream = default;
        Assert.That(InflateInit(&stream, GzipWindow, Version, sizeof(Stream)), Is.Zero);
        fixed (byte* input = member)
        fixed (byte* target = output)
        {
            stream.Input = input;
            stream.InputLeft = (uint)member.Length;
            stream.Output = target;
            stream.OutputLeft = (uint)output.Length;
            Assert.That(Inflate(&stream, Finish), Is.EqualTo(StreamEnd));
        }

        Assert.That(stream.InputLeft, Is.Zero, "bytes behind the member");
        Assert.That(InflateEnd(&stream), Is.Zero);
        return output[..(int)stream.TotalOutput];
    }

    /// <summary>CRC-32 as gzip has it.</summary>
    public static uint Crc32(byte[] bytes) => (uint)Crc32(0, bytes, (uint)bytes.Length);

    [LibraryImport(Library, EntryPoint = "deflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int DeflateInit(Stream* stream, int level, int method, int windowBits, int memoryLevel, int strategy, string version, int size);

    [LibraryImport(Library, EntryPoint = "deflate")]
    private static partial int Deflate(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "deflateEnd")]
    private static partial int DeflateEnd(Stream* stream);

    [LibraryImport(Library, EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InflateInit(Stream* stream, int windowBits, string version, int size);

    [LibraryImport(Library, EntryPoint = "inflate")]
    private static partial int Inflate(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    private static partial int InflateEnd(Stream* stream);

    [LibraryImport(Library, EntryPoint = "crc32")]
    private static partial nuint Crc32(nuint crc, byte[] bytes, uint length);

    /// <summary><c>z_stream</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Stream
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
