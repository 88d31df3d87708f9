using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Testing.Network;

/// <summary>Accepts the connections of one broker and owns their loops. Stopping is final; a broker that starts again gets a new one.</summary>
internal sealed class BrokerListener : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly Func<Socket, BrokerConnection> _connect;
    private readonly Action<Exception> _onError;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<BrokerConnection, Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    private BrokerListener(Socket socket, Func<Socket, BrokerConnection> connect, Action<Exception> onError)
    {
        _socket = socket;
        _connect = connect;
        _onError = onError;
    }

    public static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(512);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new SocketException(e.ErrorCode, $"{new IPEndPoint(address, port)} cannot be listened on: {new SocketException(e.ErrorCode).Message}. Name another port, or 0 for a free one.");
        }
    }

    public static BrokerListener Start(Socket listening, Func<Socket, BrokerConnection> connect, Action<Exception> onError)
    {
        var listener = new BrokerListener(listening, connect, onError);
        listener._accepting = listener.AcceptLoopAsync();
        return listener;
    }

    /// <summary>Closes the port and all connections and waits until their loops have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] loops;
        lock (_gate)
        {
            foreach (BrokerConnection connection in _connections.Keys)
            {
                connection.Dispose();
            }

            loops = [.. _connections.Values];
        }

        await Task.WhenAll(loops).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptLoopAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                TryAdd(client);
            }
        }
        catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The broker stops.
        }
        catch (Exception exception)
        {
            _onError(exception);
        }
    }

    private void TryAdd(Socket client)
    {
        BrokerConnection connection;
        try
        {
            connection = _connect(client);
        }
        catch (SocketException)
        {
            // The client has gone before it was looked at; the next one waits.
            client.Dispose();
            return;
        }

        lock (_gate)
        {
            _connections.Add(connection, Task.Run(() => RunAsync(connection), CancellationToken.None));
        }
    }

    private async Task RunAsync(BrokerConnection connection)
    {
        await connection.RunAsync(_stopping.Token).ConfigureAwait(false);
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }
}
