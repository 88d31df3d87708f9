namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>One recorded frame, header included, without its length.</summary>
internal sealed record Frame(string Place, string Broker, string Client, short Version, bool IsRequest, byte[] Bytes)
{
    public override string ToString() => $"{Place} ({Broker}, {Client}, version {Version}, {(IsRequest ? "request" : "response")})";

    /// <summary>Reads header and body.</summary>
    public DecodedFrame Decode(Api api, short version) => Decode(api, version, Bytes);

    /// <summary>Reads other bytes as if they were this frame.</summary>
    public DecodedFrame Decode(Api api, short version, ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        short headerVersion = IsRequest ? api.RequestHeaderVersion(version) : api.ResponseHeaderVersion(version);
        IMessage header = IsRequest ? Protocol.Messages.RequestHeader.Read(ref reader, headerVersion) : Protocol.Messages.ResponseHeader.Read(ref reader, headerVersion);
        IMessage body = IsRequest ? Protocol.Apis.ReadRequest(api.Key, ref reader, version) : Protocol.Apis.ReadResponse(api.Key, ref reader, version);
        return new DecodedFrame(header, headerVersion, body, version, reader.Remaining);
    }
}
