using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

/// <summary>A request as it arrived at the scripted broker.</summary>
internal sealed record ReceivedRequest(Api Api, short Version, int CorrelationId, string? ClientId, byte[] Frame)
{
    public static ReceivedRequest Parse(byte[] frame)
    {
        var reader = new ProtocolReader(frame);
        RequestHeader header = RequestHeader.Read(ref reader, 1);
        return new ReceivedRequest(Apis.Find((ApiKey)header.RequestApiKey)!, header.RequestApiVersion, header.CorrelationId, header.ClientId, frame);
    }

    /// <summary>Reads the body, which must end with the frame.</summary>
    public TRequest Read<TRequest>()
        where TRequest : IMessage<TRequest>
    {
        var reader = new ProtocolReader(Frame);
        RequestHeader.Read(ref reader, Api.RequestHeaderVersion(Version));
        TRequest request = TRequest.Read(ref reader, Version);
        Assert.That(reader.Remaining, Is.Zero);
        return request;
    }
}
