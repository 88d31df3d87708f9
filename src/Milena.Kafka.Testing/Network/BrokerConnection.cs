using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Network;

/// <summary>One client's connection: a request is read, served and answered before the next one is looked at, as Kafka does.</summary>
internal sealed class BrokerConnection : IDisposable
{
    // Kafka's sasl.server.max.receive.size.
    private const int MaxUnauthenticatedRequest = 512 * 1024;
    private const byte TlsHandshake = 0x16;

    // A fatal alert "unexpected message" in TLS 1.2, as Java answers what is not TLS.
    private static readonly byte[] NotTls = [0x15, 3, 3, 0, 2, 2, 10];

    private readonly Socket _socket;
    private readonly RequestDispatcher _dispatcher;
    private readonly FrameReader _frames;
    private readonly ClientConnection _client;
    private readonly BrokerSecurity _security;
    private readonly Incidents _incidents;
    private readonly TimeProvider _time;
    private readonly TimeSpan _throttle;

    public BrokerConnection(Socket socket, long id, int maxRequestBytes, RequestDispatcher dispatcher, BrokerSecurity security, TimeProvider time, Incidents incidents)
    {
        socket.NoDelay = true;
        _socket = socket;
        _dispatcher = dispatcher;
        _security = security;
        _incidents = incidents;
        _time = time;
        _frames = new FrameReader(maxRequestBytes);
        _client = new ClientConnection(id, socket.RemoteEndPoint as IPEndPoint, new SaslSession(security, time));
        _throttle = dispatcher.ChargeConnection(_client);
    }

    /// <summary>Serves the client until it leaves, breaks the protocol or the broker stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            if (_throttle > TimeSpan.Zero)
            {
                // KIP-612: a connection too many is closed unserved, but not at once, so that the client does not come back as fast as it can.
                await Task.Delay(_throttle, _time, stopping).ConfigureAwait(false);
                return;
            }

            Stream stream = await OpenAsync(stopping).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await ServeAsync(stream, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The broker stops: the client sees its connection closed.
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // The client is gone, or the broker stopped in the middle of a write: nothing is left to be told to anyone.
        }
        catch (RequestRejectedException exception)
        {
            _incidents.AddRejection(_dispatcher.BrokerId, _client.Id, exception.Message);
        }
        catch (Exception exception)
        {
            _incidents.AddError(exception);
        }
        finally
        {
            _client.Sasl.Dispose();
            Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<Stream> OpenAsync(CancellationToken stopping)
    {
        var stream = new NetworkStream(_socket, ownsSocket: false);
        if (!_security.UsesTls)
        {
            return stream;
        }

        byte[] first = new byte[1];
        if (await _socket.ReceiveAsync(first, SocketFlags.Peek, stopping).ConfigureAwait(false) == 1 && first[0] != TlsHandshake)
        {
            await stream.WriteAsync(NotTls, stopping).ConfigureAwait(false);
            throw new RequestRejectedException("The client speaks no TLS, which this listener demands.");
        }

        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(_security.TlsSettings(), stopping).ConfigureAwait(false);
            _client.Show(tls.RemoteCertificate);
            return tls;
        }
        catch (Exception fault)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw fault is System.Security.Authentication.AuthenticationException or IOException
                ? new RequestRejectedException($"The TLS handshake failed: {fault.Message} {fault.InnerException?.Message}", fault)
                : fault;
        }
    }

    private async Task ServeAsync(Stream stream, CancellationToken stopping)
    {
        _frames.Limit = _client.Sasl.IsOpen ? null : MaxUnauthenticatedRequest;
        while (await _frames.ReadAsync(stream, stopping).ConfigureAwait(false) is { } frame)
        {
            Reply reply = await _dispatcher.DispatchAsync(frame, _client, stopping).ConfigureAwait(false);
            if (reply.Frame is { } response)
            {
                await response.SendAsync(stream, stopping).ConfigureAwait(false);
            }

            if (reply.Closes)
            {
                return;
            }

            if (reply.Silence > TimeSpan.Zero)
            {
                // KIP-219: the answer goes out at once, and nothing more is read for the time that it names.
                await Task.Delay(reply.Silence, _time, stopping).ConfigureAwait(false);
            }

            _frames.Limit = _client.Sasl.IsOpen || _client.Sasl.WasOpened ? null : MaxUnauthenticatedRequest;
        }
    }
}
