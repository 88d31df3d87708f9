namespace Milena.Kafka.Protocol;

/// <summary>What is known about one API of the protocol.</summary>
public sealed class Api
{
    internal Api(ApiKey key, short lowest, short highest, short highestStable, short firstFlexible, short lowestOfKafka4, bool fixedResponseHeader, bool responseBorrowsFrame)
    {
        Key = key;
        LowestVersion = lowest;
        HighestVersion = highest;
        HighestStableVersion = highestStable;
        FirstFlexibleVersion = firstFlexible;
        LowestVersionOfKafka4 = lowestOfKafka4;
        HasFixedResponseHeader = fixedResponseHeader;
        ResponseBorrowsFrame = responseBorrowsFrame;
    }

    /// <summary>The number that names the API in a request header.</summary>
    public ApiKey Key { get; }

    /// <summary>The lowest version that can be read and written.</summary>
    public short LowestVersion { get; }

    /// <summary>The highest version that can be read and written, released or not.</summary>
    public short HighestVersion { get; }

    /// <summary>The highest released version, the default limit; -1 if none was released.</summary>
    public short HighestStableVersion { get; }

    /// <summary>The first version with compact encoding and tag sections (KIP-482); <see cref="short.MaxValue"/> if none has them.</summary>
    public short FirstFlexibleVersion { get; }

    /// <summary>The lowest version that Kafka 4 brokers take (KIP-896).</summary>
    public short LowestVersionOfKafka4 { get; }

    /// <summary>Whether the response header is version 0 at any version, as with ApiVersions (KIP-511).</summary>
    public bool HasFixedResponseHeader { get; }

    /// <summary>Whether a response that was read holds slices of its frame, so that the frame's buffer must outlive it.</summary>
    public bool ResponseBorrowsFrame { get; }

    /// <summary>Whether a version has compact encoding and tag sections.</summary>
    /// <param name="version">The version of the API.</param>
    public bool IsFlexible(short version) => version >= FirstFlexibleVersion;

    /// <summary>The version of the request header that goes with a version.</summary>
    /// <param name="version">The version of the API.</param>
    public short RequestHeaderVersion(short version) => IsFlexible(version) ? (short)2 : (short)1;

    /// <summary>The version of the response header that goes with a version.</summary>
    /// <param name="version">The version of the API.</param>
    public short ResponseHeaderVersion(short version) => IsFlexible(version) && !HasFixedResponseHeader ? (short)1 : (short)0;

    /// <inheritdoc/>
    public override string ToString() => Key.ToString();
}
