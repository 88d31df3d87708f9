namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>What a frame was read as.</summary>
internal sealed record DecodedFrame(IMessage Header, short HeaderVersion, IMessage Body, short Version, int Left)
{
    public byte[] Encode() => Wire.EncodeFrame(Header, HeaderVersion, Body, Version);

    public byte[] EncodeGathered() => Wire.EncodeGathered(Header, HeaderVersion, Body, Version);
}
