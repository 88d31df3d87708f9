using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Network.Internal;

/// <summary>Reads responses out of their frames.</summary>
internal static class ResponseFrame
{
    /// <summary>The fewest bytes of a response: its correlation id.</summary>
    public const int MinSize = 4;

    private static readonly byte[] BareRefusal = [0, 0, 0, 0, 0, (byte)ErrorCode.UnsupportedVersion, 0, 0, 0, 0];

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
        return api.Key == ApiKey.ApiVersions && RefusesVersion(frame.Span)
            ? ReadRefusal<TResponse>(frame, api)
            : ReadInVersion<TResponse>(frame, api, version);
    }

    // KIP-511: a broker that does not know the version answers in the layout of version 0.
    private static TResponse ReadRefusal<TResponse>(ReadOnlyMemory<byte> frame, Api api)
        where TResponse : IResponse<TResponse>
    {
        try
        {
            return ReadInVersion<TResponse>(frame, api, version: 0);
        }
        catch (ProtocolException)
        {
            // The code alone says enough: ask in version 0. librdkafka's mock cluster of 2.0 lists its range in no known layout.
            return ReadInVersion<TResponse>(BareRefusal, api, version: 0);
        }
    }

    private static TResponse ReadInVersion<TResponse>(ReadOnlyMemory<byte> frame, Api api, short version)
        where TResponse : IResponse<TResponse>
    {
        var reader = new ProtocolReader(frame);
        ResponseHeader.Read(ref reader, api.ResponseHeaderVersion(version));
        return TResponse.Read(ref reader, version);
    }

    private static bool RefusesVersion(ReadOnlySpan<byte> frame) =>
        frame.Length >= MinSize + 2 && BinaryPrimitives.ReadInt16BigEndian(frame[MinSize..]) == (short)ErrorCode.UnsupportedVersion;
}
