using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>The errors of the Zstandard decoder; positions are where the faulty part begins. Kept out of the decoder's hot methods.</summary>
internal static class Corrupt
{
    public const string Codec = "zstd";

    [DoesNotReturn]
    public static void Throw(long position, string fault) => InvalidStream.Throw(Codec, fault, position);

    [DoesNotReturn]
    public static void ThrowCutOff(long position, string part) => InvalidStream.Throw(Codec, $"the {part} is cut off", position);

    [DoesNotReturn]
    public static void ThrowLimit(long position, int maxOutputSize) => InvalidStream.ThrowTooLarge(Codec, position, maxOutputSize);
}
