using System.Net;
using System.Net.Sockets;
using Milena.Kafka.Testing.Faults;

namespace Milena.Kafka.Testing.Network;

/// <summary>One client's connection: a request is read, served and answered before the next one is looked at, as Kafka does.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly RequestDispatcher _dispatcher;
    private readonly FrameReader _frames;
    private readonly ClientConnection _client;
    private readonly Incidents _incidents;

    public BrokerConnection(Socket socket, long id, int maxRequestBytes, RequestDispatcher dispatcher, Incidents incidents)
    {
        socket.NoDelay = true;
        _socket = socket;
        _dispatcher = dispatcher;
        _incidents = incidents;
        _frames = new FrameReader(socket, maxRequestBytes);
        _client = new ClientConnection(id, (socket.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "unknown");
    }

    /// <summary>Serves the client until it leaves, breaks the protocol or the broker stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await ServeAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The broker stops: the client sees its connection closed.
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
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
            Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync(CancellationToken stopping)
    {
        while (await _frames.ReadAsync(stopping).ConfigureAwait(false) is { } frame)
        {
            Reply reply = await _dispatcher.DispatchAsync(frame, _client, stopping).ConfigureAwait(false);
            if (reply.Frame is { } response)
            {
                await response.SendAsync(_socket, stopping).ConfigureAwait(false);
            }

            if (reply.Closes)
            {
                return;
            }
        }
    }
}
