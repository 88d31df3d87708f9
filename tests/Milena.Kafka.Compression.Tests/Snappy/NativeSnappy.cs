using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Tests.Snappy;

/// <summary>The C interface of libsnappy, where the machine has it.</summary>
internal static unsafe partial class NativeSnappy
{
    private const string Library = "libsnappy.so.1";

    public static void IgnoreIfMissing()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            Assert.Ignore($"The library {Library} is not installed.");
        }
    }

    public static byte[] Compress(byte[] bytes)
    {
        byte[] output = new byte[MaxCompressedLength((nuint)bytes.Length)];
        nuint length = (nuint)output.Length;
        Assert.That(Compress(bytes, (nuint)bytes.Length, output, &length), Is.Zero);
        return output[..(int)length];
    }

    public static byte[] Decompress(byte[] stream)
    {
        nuint length;
        Assert.That(UncompressedLength(stream, (nuint)stream.Length, &length), Is.Zero);
        byte[] output = new byte[length];
        Assert.That(Uncompress(stream, (nuint)stream.Length, output, &length), Is.Zero);
        return output;
    }

    [LibraryImport(Library, EntryPoint = "snappy_max_compressed_length")]
    private static partial nuint MaxCompressedLength(nuint length);

    [LibraryImport(Library, EntryPoint = "snappy_compress")]
    private static partial int Compress(byte[] input, nuint inputLength, byte[] output, nuint* outputLength);

    [LibraryImport(Library, EntryPoint = "snappy_uncompressed_length")]
    private static partial int UncompressedLength(byte[] input, nuint inputLength, nuint* length);

    [LibraryImport(Library, EntryPoint = "snappy_uncompress")]
    private static partial int Uncompress(byte[] input, nuint inputLength, byte[] output, nuint* outputLength);
}
