using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Milena.Kafka.Compression;

/// <summary>The errors of all decoders: each names the codec, what is wrong and where.</summary>
internal static class InvalidStream
{
    /// <summary>The stream contradicts its format.</summary>
    /// <param name="codec">The codec's name.</param>
    /// <param name="fault">What is wrong, as a clause: "a match starts before the output".</param>
    /// <param name="position">Where in the compressed bytes.</param>
    /// <param name="cause">The exception that told of it, if there was one.</param>
    [DoesNotReturn]
    public static void Throw(string codec, string fault, long position, Exception? cause = null) =>
        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"A corrupt {codec} stream: {fault} (at byte {position:N0})."), cause);

    /// <summary>More comes out than the caller allows.</summary>
    /// <param name="codec">The codec's name.</param>
    /// <param name="position">Where in the compressed bytes this was seen.</param>
    /// <param name="limit">The limit of the whole call.</param>
    [DoesNotReturn]
    public static void ThrowTooLarge(string codec, long position, int limit) =>
        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"A {codec} stream holds more than the allowed {limit:N0} bytes (seen at byte {position:N0})."));
}
