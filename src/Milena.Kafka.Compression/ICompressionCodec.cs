using System.Buffers;

namespace Milena.Kafka.Compression;

/// <summary>A compression format: bytes to bytes. One instance serves all threads at once.</summary>
/// <remarks>
/// Implementations keep their workspaces in pools, so that a call allocates nothing once warm. Neither method knows what the bytes mean.
/// </remarks>
public interface ICompressionCodec
{
    /// <summary>The name of the format as Kafka's <c>compression.type</c> spells it, for messages to people.</summary>
    string Name { get; }

    /// <summary>Compresses <paramref name="source"/> as one complete stream.</summary>
    /// <param name="source">The bytes to compress, in one piece or several; read, never changed, not kept.</param>
    /// <param name="destination">Where the stream goes.</param>
    /// <param name="level">How hard to try, in the format's own numbers; <see langword="null"/> for its default. Formats without levels ignore it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The format does not have the level.</exception>
    void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null);

    /// <summary>Decompresses complete streams.</summary>
    /// <param name="source">The stream; nothing in it is believed.</param>
    /// <param name="destination">Where the bytes go. After an exception it may hold a part of them.</param>
    /// <param name="maxOutputSize">
    /// The most bytes that may come out. A size that the stream claims is held against it before memory is taken,
    /// and no more than this is ever written.
    /// </param>
    /// <exception cref="InvalidDataException">The stream is corrupt, cut off, or holds more than <paramref name="maxOutputSize"/> bytes. Nothing else is thrown for bad input.</exception>
    void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize);
}
