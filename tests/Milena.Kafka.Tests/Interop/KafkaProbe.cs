using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Tests.Interop;

/// <summary>Asks a broker whether it is there, with frames made by hand: it must not depend on what it helps to test.</summary>
internal static class KafkaProbe
{
    private const int MaxFrame = 1 << 20;

    // ApiVersions v0, correlation id 1, no client id, no body.
    private static readonly byte[] ApiVersions = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];

    // Metadata v1, correlation id 1, no client id, no topics.
    private static readonly byte[] Metadata = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0];

    /// <summary>Whether ApiVersions is answered without an error.</summary>
    public static async Task<bool> AnswersAsync(string address, CancellationToken cancellationToken) =>
        await AskAsync(address, ApiVersions, cancellationToken) is { Length: >= 6 } frame
        && BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(4)) == 0;

    /// <summary>How many brokers this one knows; zero when it does not answer.</summary>
    public static async Task<int> CountBrokersAsync(string address, CancellationToken cancellationToken) =>
        await AskAsync(address, Metadata, cancellationToken) is { Length: >= 8 } frame
            ? BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4))
            : 0;

    private static async Task<byte[]?> AskAsync(string address, byte[] request, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPEndPoint.Parse(address), cancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(request, cancellationToken);
            byte[] size = new byte[4];
            await stream.ReadExactlyAsync(size, cancellationToken);
            int length = BinaryPrimitives.ReadInt32BigEndian(size);
            if (length is < 4 or > MaxFrame)
            {
                return null;
            }

            byte[] frame = new byte[length];
            await stream.ReadExactlyAsync(frame, cancellationToken);
            return frame;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Not there yet, or no longer: that is the answer.
            return null;
        }
    }
}
