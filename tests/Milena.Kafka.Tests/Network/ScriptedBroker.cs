using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

/// <summary>The far end of one connection; does only what the test says.</summary>
internal sealed class ScriptedBroker(Stream stream) : IAsyncDisposable
{
    public Stream Stream { get; } = stream;

    /// <summary>The ranges that a broker of our own age would list.</summary>
    public static ApiVersionsResponse AllVersions()
    {
        var answer = new ApiVersionsResponse();
        foreach (Api api in Apis.All)
        {
            answer.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = (short)api.Key, MinVersion = api.LowestVersion, MaxVersion = api.HighestVersion });
        }

        return answer;
    }

    /// <summary>The next request; null if the client ended the connection.</summary>
    public async Task<ReceivedRequest?> TryReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] length = new byte[4];
        int read = await Stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        Assert.That(read, Is.EqualTo(4), "a length was cut off");
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await Stream.ReadExactlyAsync(frame, cancellationToken);
        return ReceivedRequest.Parse(frame);
    }

    public async Task<ReceivedRequest> ReceiveAsync(CancellationToken cancellationToken) =>
        await TryReceiveAsync(cancellationToken) ?? throw new EndOfStreamException("the client ended the connection");

    public Task AnswerAsync(ReceivedRequest request, IResponse response, CancellationToken cancellationToken) =>
        AnswerAsync(request, response, request.CorrelationId, request.Version, cancellationToken);

    public async Task AnswerAsync(ReceivedRequest request, IResponse response, int correlationId, short version, CancellationToken cancellationToken) =>
        await SendAsync(Encode(request.Api, response, correlationId, version), cancellationToken);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(bytes, cancellationToken);
        await Stream.FlushAsync(cancellationToken);
    }

    /// <summary>Answers the ApiVersions request that opens every connection.</summary>
    public async Task NegotiateAsync(CancellationToken cancellationToken, ApiVersionsResponse? answer = null)
    {
        ReceivedRequest request = await ReceiveAsync(cancellationToken);
        Assert.That(request.Api.Key, Is.EqualTo(ApiKey.ApiVersions));
        await AnswerAsync(request, answer ?? AllVersions(), cancellationToken);
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    public static byte[] Encode(Api api, IResponse response, int correlationId, short version)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(output);
        writer.WriteInt32(0);
        new ResponseHeader { CorrelationId = correlationId }.Write(ref writer, api.ResponseHeaderVersion(version));
        response.Write(ref writer, version);
        writer.Flush();
        byte[] frame = output.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        return frame;
    }
}
