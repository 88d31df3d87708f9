using System.Buffers;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>Codec calls on arrays.</summary>
public static class CodecRun
{
    public static byte[] Compress(this ICompressionCodec codec, byte[] bytes, int? level = null)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Compress(new ReadOnlySequence<byte>(bytes), output, level);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Decompress(this ICompressionCodec codec, byte[] bytes, int maxOutputSize = Corpus.MaxSize)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Decompress(bytes, output, maxOutputSize);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The bytes as a sequence of segments of the given size.</summary>
    public static ReadOnlySequence<byte> InSegments(byte[] bytes, int size)
    {
        if (bytes.Length <= size)
        {
            return new ReadOnlySequence<byte>(bytes);
        }

        var first = new Segment(bytes.AsMemory(0, size), 0);
        Segment last = first;
        for (int at = size; at < bytes.Length; at += size)
        {
            last = last.Append(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
