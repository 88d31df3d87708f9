using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Network.Internal;

/// <summary>Reads responses out of their frames.</summary>
internal static class ResponseFrame
{
    /// <summary>The fewest bytes of a response: its correlation id.</summary>
    public const int MinSize = 4;

    /// <summary>The number that pairs the response with its request.</summary>
    public static int CorrelationId(ReadOnlyMemory<byte> frame) => BinaryPrimitives.ReadInt32BigEndian(frame.Span);

    /// <summary>Reads header and body.</summary>
    /// <typeparam name="TResponse">The response.</typeparam>
    /// <param name="frame">The frame without its length.</param>
    /// <param name="api">The API that was asked.</param>
    /// <param name="version">The version that was asked.</param>
    /// <exception cref="ProtocolException">The bytes are not such a response.</exception>
    public static TResponse Read<TResponse>(ReadOnlyMemory<byte> frame, Api api, short version)
        where TResponse : IResponse<TResponse>
    {
        if (api.Key == ApiKey.ApiVersions && RefusesVersion(frame.Span))
        {
            // KIP-511: a broker that does not know the version answers in the layout of version 0.
            version = 0;
        }

        var reader = new ProtocolReader(frame);
        ResponseHeader.Read(ref reader, api.ResponseHeaderVersion(version));
        return TResponse.Read(ref reader, version);
    }

    private static bool RefusesVersion(ReadOnlySpan<byte> frame) =>
        frame.Length >= MinSize + 2 && BinaryPrimitives.ReadInt16BigEndian(frame[MinSize..]) == (short)ErrorCode.UnsupportedVersion;
}
