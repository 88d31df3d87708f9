using System.Net;
using System.Text;

namespace Milena.Kafka.Tests.Security;

/// <summary>A token endpoint of OAuth 2 on loopback: answers what the test says, keeps what it was asked.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private readonly List<(string? Authorization, string Form)> _requests = [];

    public TokenServer()
    {
        // HttpListener takes no free port by itself.
        for (int attempt = 0; ; attempt++)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            Address = new Uri($"http://127.0.0.1:{port}/token");
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody took the port meanwhile.
            }
        }

        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Status and body of each answer, by the count of the request.</summary>
    public Func<int, (int Status, string Body)> Answer { get; set; } = static n => (200, $"{{\"access_token\":\"token-{n}\",\"expires_in\":100}}");

    /// <summary>What is got, by path; null for nothing.</summary>
    public Func<string, string?> Document { get; set; } = static _ => null;

    /// <summary>Ends before an answer is given.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Ends when a request waits at <see cref="Gate"/>.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<(string? Authorization, string Form)> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            try
            {
                (int status, string body) = await AnswerAsync(context.Request);
                context.Response.StatusCode = status;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
            catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
            {
                // The client did not wait for its answer.
            }
        }
    }

    private async Task<(int Status, string Body)> AnswerAsync(HttpListenerRequest request)
    {
        if (request.HttpMethod == "GET")
        {
            return Document(request.Url!.AbsolutePath) is { } document ? (200, document) : (404, "");
        }

        using var reader = new StreamReader(request.InputStream);
        string form = await reader.ReadToEndAsync();
        int count;
        lock (_requests)
        {
            _requests.Add((request.Headers["Authorization"], form));
            count = _requests.Count;
        }

        if (!Gate.IsCompleted)
        {
            Waiting.TrySetResult();
            await Gate;
        }

        return Answer(count);
    }
}
