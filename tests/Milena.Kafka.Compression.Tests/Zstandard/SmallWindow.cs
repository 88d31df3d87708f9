using System.Buffers;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>Writes frames with a window of one KiB: many small blocks, which repeat each other's tables and reach back no further than they may.</summary>
internal static class SmallWindow
{
    public static byte[] Compress(byte[] bytes, int level)
    {
        var output = new ArrayBufferWriter<byte>();
        EncodeParameters parameters = EncodeParameters.For(level, bytes.Length) with { WindowLog = FrameHeader.MinWindowLog };
        new FrameEncoder().Encode(bytes, output, parameters, new FrameOptions(WritesContentSize: false, WritesChecksum: true));
        return output.WrittenSpan.ToArray();
    }
}
