using System.Net.Http.Headers;
using System.Text;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka;

/// <summary>Fetches tokens from an OAuth 2 server, keeps them and fetches the next one ahead of time. Thread-safe.</summary>
public sealed class OAuthTokenEndpoint
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private static readonly HttpClient SharedClient = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

    private readonly OAuthTokenOptions _options;
    private readonly Lock _gate = new();
    private volatile KeptToken? _kept;
    private Task<OAuthToken>? _fetching;

    /// <summary>Creates it; nothing is fetched yet.</summary>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message has all faults.</exception>
    public OAuthTokenEndpoint(OAuthTokenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] faults = [.. options.Faults()];
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(OAuthTokenOptions)}: {string.Join(" ", faults)}", nameof(options));
        }

        _options = options.Clone();
    }

    /// <summary>A token that is valid now.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidDataException">The server refused or gave no token; the message has what it said.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async ValueTask<OAuthToken> GetTokenAsync(CancellationToken cancellationToken)
    {
        if (_kept is { } fresh && _options.TimeProvider.GetUtcNow() < fresh.RefreshAt)
        {
            return fresh.Token;
        }

        Task<OAuthToken> fetching;
        lock (_gate)
        {
            // All who ask meanwhile share one fetch; its time-out ends it, not any one of them.
            if (_fetching is null || _fetching.IsCompleted)
            {
                _fetching = RefreshAsync();
            }

            fetching = _fetching;
        }

        return await fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override string ToString() => $"OAuth tokens of {_options.TokenEndpoint!.Host}";

    /// <summary>Does not give out a token again that a broker has refused: the server may have changed its keys.</summary>
    internal void Forget(OAuthToken refused)
    {
        if (_kept is { } kept && ReferenceEquals(kept.Token, refused))
        {
            Interlocked.CompareExchange(ref _kept, null, kept);
        }
    }

    private async Task<OAuthToken> RefreshAsync()
    {
        // Off the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            OAuthToken token = await FetchAsync().ConfigureAwait(false);
            DateTimeOffset now = _options.TimeProvider.GetUtcNow();

            // A token without an end is asked for each time, like one of a provider.
            _kept = token.ExpiresAt is { } end ? new KeptToken(token, now + ((end - now) * _options.RefreshAfter)) : null;
            return token;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && _kept is { Token: { ExpiresAt: { } end } old } && end > _options.TimeProvider.GetUtcNow())
        {
            // It was fetched ahead of its need; the old one serves until its end.
            return old;
        }
    }

    private async Task<OAuthToken> FetchAsync()
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        try
        {
            (HttpRequestMessage request, string[] secrets) = await CreateRequestAsync(timeout.Token).ConfigureAwait(false);
            using (request)
            {
                HttpClient client = _options.HttpClient ?? SharedClient;
                using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
                await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, timeout.Token).ConfigureAwait(false);
                string body = await response.Content.ReadAsStringAsync(timeout.Token).ConfigureAwait(false);
                return OAuthTokenResponse.Read(_options, (int)response.StatusCode, body, secrets);
            }
        }
        catch (OperationCanceledException end) when (timeout.IsCancellationRequested)
        {
            throw new HttpRequestException($"The token endpoint {_options.TokenEndpoint!.Host} did not answer within {_options.RequestTimeout.TotalSeconds:0.#} s.", end);
        }
    }

    private async Task<(HttpRequestMessage Request, string[] Secrets)> CreateRequestAsync(CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>();
        AuthenticationHeaderValue? header = null;
        string[] secrets;
        if (_options.Assertion is { } assertion)
        {
            string signed = (await assertion(cancellationToken).ConfigureAwait(false)).Trim();
            form["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
            form["assertion"] = signed;
            secrets = [signed];
        }
        else
        {
            string secret = _options.ClientSecretProvider is { } provider ? await provider(cancellationToken).ConfigureAwait(false) : _options.Secret!;
            form["grant_type"] = "client_credentials";
            header = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{InHeader(_options.ClientId!)}:{InHeader(secret)}")));
            secrets = [header.Parameter!, secret];
        }

        if (!string.IsNullOrEmpty(_options.Scope))
        {
            form["scope"] = _options.Scope;
        }

        var request = new HttpRequestMessage(HttpMethod.Post, _options.TokenEndpoint) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = header;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return (request, secrets);
    }

    private string InHeader(string part) => _options.UrlEncodeHeader ? Uri.EscapeDataString(part) : part;

    private sealed record KeptToken(OAuthToken Token, DateTimeOffset RefreshAt);
}
