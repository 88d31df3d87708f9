using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Network.Internal;

/// <summary>Finds out whether a port that ended a TLS handshake is a listener of Kafka without TLS: such a broker just closes, and so may others for other reasons.</summary>
internal static class PlaintextProbe
{
    private const int CorrelationId = 1;
    private const int LargestAnswer = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // ApiVersions in version 0 without a client id: every broker answers, also before SASL. In TLS it is no record.
    private static readonly byte[] Question = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, CorrelationId, 0xFF, 0xFF];

    public static async Task<bool> AnswersAsync(ITransportConnector connector, DnsEndPoint endpoint, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            Stream stream = await connector.ConnectAsync(endpoint, both.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Question, both.Token).ConfigureAwait(false);
                await stream.FlushAsync(both.Token).ConfigureAwait(false);
                byte[] answer = new byte[8];
                int read = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, both.Token).ConfigureAwait(false);
                return read == answer.Length
                    && BinaryPrimitives.ReadInt32BigEndian(answer) is > 0 and <= LargestAnswer
                    && BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) == CorrelationId;
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or KafkaException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It does not matter why: it is no proof.
            return false;
        }
    }
}
