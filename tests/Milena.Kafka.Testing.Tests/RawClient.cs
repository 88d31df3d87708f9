using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests;

/// <summary>The smallest client there can be: frames out, frames in, one connection.</summary>
internal sealed class RawClient : IDisposable
{
    public const string ClientId = "raw";

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _lastCorrelationId;

    public static async Task<RawClient> ConnectAsync(TestCluster cluster, int brokerId = 1, CancellationToken cancellationToken = default)
    {
        string[] address = cluster.BootstrapServers.Split(',')[brokerId - 1].Split(':');
        var client = new RawClient();
        await client._socket.ConnectAsync(address[0], int.Parse(address[1], null), cancellationToken);
        return client;
    }

    public async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, short version, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        await SendOnlyAsync(request, version, cancellationToken);
        return await ReceiveAsync<TResponse>(request.Api, version, cancellationToken);
    }

    public async Task<int> SendOnlyAsync(IRequest request, short version, CancellationToken cancellationToken)
    {
        var header = new RequestHeader
        {
            RequestApiKey = (short)request.Api.Key,
            RequestApiVersion = version,
            CorrelationId = ++_lastCorrelationId,
            ClientId = ClientId,
        };
        await SendBytesAsync(Encode(header, request, version), cancellationToken);
        return _lastCorrelationId;
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    public async Task<TResponse> ReceiveAsync<TResponse>(Api api, short version, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        byte[] frame = await ReceiveFrameAsync(cancellationToken) ?? throw new EndOfStreamException($"The broker closed the connection instead of answering {api}.");
        var reader = new ProtocolReader(frame);
        LastReceivedCorrelationId = ResponseHeader.Read(ref reader, api.ResponseHeaderVersion(version)).CorrelationId;
        TResponse response = TResponse.Read(ref reader, version);
        Assert.That(reader.Remaining, Is.Zero, $"{api} v{version}: bytes after the response");
        return response;
    }

    public int LastReceivedCorrelationId { get; private set; }

    /// <summary>The next frame; null if the broker has closed the connection.</summary>
    public async Task<byte[]?> ReceiveFrameAsync(CancellationToken cancellationToken)
    {
        try
        {
            byte[] length = new byte[4];
            if (!await FillAsync(length, cancellationToken))
            {
                return null;
            }

            byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            return await FillAsync(frame, cancellationToken) ? frame : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Encode(RequestHeader header, IRequest request, short version)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(bytes);
        short headerVersion = request.Api.RequestHeaderVersion(version);
        writer.WriteInt32(header.GetSize(headerVersion) + request.GetSize(version));
        header.Write(ref writer, headerVersion);
        request.Write(ref writer, version);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private async Task<bool> FillAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            int read = await _socket.ReceiveAsync(bytes, cancellationToken);
            if (read == 0)
            {
                return false;
            }

            bytes = bytes[read..];
        }

        return true;
    }
}
