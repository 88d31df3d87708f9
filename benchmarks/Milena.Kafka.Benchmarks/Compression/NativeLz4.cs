using System.Runtime.InteropServices;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>The frame interface of liblz4.</summary>
internal static unsafe partial class NativeLz4
{
    public const string Library = "liblz4.so.1";

    public const uint Version = 100;

    [LibraryImport(Library, EntryPoint = "LZ4F_compressFrame")]
    public static partial nuint CompressFrame(byte* output, nuint outputLength, byte* input, nuint inputLength, in Preferences preferences);

    [LibraryImport(Library, EntryPoint = "LZ4F_createDecompressionContext")]
    public static partial nuint CreateDecompressionContext(out nint context, uint version);

    [LibraryImport(Library, EntryPoint = "LZ4F_freeDecompressionContext")]
    public static partial nuint FreeDecompressionContext(nint context);

    [LibraryImport(Library, EntryPoint = "LZ4F_decompress")]
    public static partial nuint Decompress(nint context, byte* output, ref nuint outputLength, byte* input, ref nuint inputLength, void* options);

    /// <summary>LZ4F_preferences_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Preferences
    {
        /// <summary>4 for 64 KiB.</summary>
        public int BlockSize;

        /// <summary>1 for independent blocks.</summary>
        public int BlockMode;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint DictionaryId;
        public int BlockChecksum;
        public int Level;
        public uint AutoFlush;
        public uint FavorDecompressionSpeed;
        public uint Reserved1;
        public uint Reserved2;
        public uint Reserved3;
    }
}
