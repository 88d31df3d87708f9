using System.Buffers;

namespace Milena.Kafka.Compression;

/// <summary>Calls of a codec with bytes in one piece.</summary>
public static class CompressionCodecExtensions
{
    /// <summary>Compresses <paramref name="source"/> as one complete stream.</summary>
    /// <param name="codec">What compresses.</param>
    /// <param name="source">The bytes to compress; read, never changed, not kept.</param>
    /// <param name="destination">Where the stream goes.</param>
    /// <param name="level">How hard to try, in the format's own numbers; <see langword="null"/> for its default. Formats without levels ignore it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The format does not have the level.</exception>
    public static void Compress(this ICompressionCodec codec, ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(codec);
        codec.Compress(new ReadOnlySequence<byte>(source), destination, level);
    }
}
