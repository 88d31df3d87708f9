using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Makes the one exception that a bad stream ends in; kept out of the decoders' hot methods.</summary>
internal static class Corrupt
{
    /// <summary>Throws for a stream that breaks the format.</summary>
    /// <param name="position">Where in the input the faulty part begins.</param>
    /// <param name="reason">What is wrong with it.</param>
    [DoesNotReturn]
    public static void Throw(long position, string reason) =>
        throw new InvalidDataException($"A corrupt zstd stream: {reason} (part that begins at byte {position:N0}).");

    /// <summary>Throws for a stream that holds more than the caller takes.</summary>
    [DoesNotReturn]
    public static void ThrowLimit(long position, int maxOutputSize) =>
        throw new InvalidDataException($"A zstd stream holds more than the allowed {maxOutputSize:N0} bytes (frame at byte {position:N0}).");

    /// <summary>Throws for a stream that ends too early.</summary>
    [DoesNotReturn]
    public static void ThrowCutOff(long position, string part) =>
        throw new InvalidDataException($"A zstd stream is cut off in the {part} that begins at byte {position:N0}.");
}
