using System.Net;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka.Network.Internal;

/// <summary>Authenticates a connection by SASL when it is set up, and again before each session ends (KIP-368), between the requests of others.</summary>
internal sealed class SaslSession
{
    // No mechanism needs more than four messages.
    private const int MaxRounds = 16;
    private const double EarliestRenewal = 0.85;
    private const double RenewalWindow = 0.1;
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(20);

    private readonly Connection _connection;
    private readonly BrokerVersions _versions;
    private readonly ConnectionOptions _options;
    private readonly ISaslMechanism _mechanism;
    private readonly SaslTarget _target;
    private ITimer? _timer;

    public SaslSession(Connection connection, BrokerVersions versions, ConnectionOptions options, ISaslMechanism mechanism)
    {
        DnsEndPoint endpoint = connection.Endpoint;
        _connection = connection;
        _versions = versions;
        _options = options;
        _mechanism = mechanism;
        _target = new SaslTarget(endpoint.Host, endpoint.Port);
    }

    /// <summary>Authenticates before the connection is given to anyone.</summary>
    /// <exception cref="AuthenticationException">Broker or client refused the other.</exception>
    /// <exception cref="ConnectionException">The credentials could not be had, or the connection ended.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using ISaslExchange exchange = await StartAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan lifetime = await ConverseAsync(exchange, isAhead: false, cancellationToken).ConfigureAwait(false);
        Log.Authenticated(_options.Logger, _connection.Name, _mechanism.Name, lifetime);
        Schedule(lifetime);
    }

    private void Schedule(TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero)
        {
            return;
        }

        // Spread, so that connections that were opened together do not come together again.
        double chance;
        lock (_options.Random)
        {
            chance = _options.Random.NextDouble();
        }

        TimeSpan wait = lifetime * (EarliestRenewal + (RenewalWindow * chance));
        wait = wait < LongestWait ? wait : LongestWait;
        if (_timer is null)
        {
            ITimer timer = _options.TimeProvider.CreateTimer(static state => _ = ((SaslSession)state!).RenewAsync(), this, wait, Timeout.InfiniteTimeSpan);
            _timer = timer;
            _ = _connection.Closed.ContinueWith(_ => timer.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task RenewAsync()
    {
        // Off the thread of the timer.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (await StartRenewalAsync().ConfigureAwait(false) is not { } exchange)
        {
            return;
        }

        using (exchange)
        {
            // What is in flight is answered first: nothing of SASL may come between a request and its answer. Deadlines bound the wait.
            await _connection.HoldAsync().ConfigureAwait(false);
            try
            {
                TimeSpan lifetime = await ConverseAsync(exchange, isAhead: true, CancellationToken.None).ConfigureAwait(false);
                Log.Authenticated(_options.Logger, _connection.Name, _mechanism.Name, lifetime);
                Schedule(lifetime);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                if (_connection.CloseReason is null)
                {
                    Log.RenewalFailed(_options.Logger, _connection.Name, fault.Message);
                }

                _connection.Abort($"The session with {_connection.Name} could not be renewed. {fault.Message}");
            }
            finally
            {
                _connection.Resume();
            }
        }
    }

    private async Task<ISaslExchange?> StartRenewalAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(_options.ConnectionSetupTimeout, _options.TimeProvider);
            return await StartAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is KafkaException or OperationCanceledException)
        {
            // The session lasts a little longer: requests under way get their answers, and whoever opens the next connection learns what is wrong.
            _connection.Retire();
            Log.RenewalFailed(_options.Logger, _connection.Name, fault.Message);
            return null;
        }
    }

    private async Task<ISaslExchange> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _mechanism.StartAsync(_target, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is InvalidDataException or System.Security.Cryptography.CryptographicException)
        {
            throw Refused(fault.Message, fault);
        }
        catch (Exception fault) when (fault is not (KafkaException or OperationCanceledException or OutOfMemoryException))
        {
            throw new ConnectionException(_connection.Name, $"The credentials for {_mechanism.Name} with {_connection.Name} could not be had: {fault.Message}", fault);
        }
    }

    private async Task<TimeSpan> ConverseAsync(ISaslExchange exchange, bool isAhead, CancellationToken cancellationToken)
    {
        await ShakeHandsAsync(isAhead, cancellationToken).ConfigureAwait(false);
        short version = _versions.Negotiate(Apis.SaslAuthenticate);
        ReadOnlyMemory<byte> challenge = default;
        TimeSpan lifetime = TimeSpan.Zero;
        for (int round = 0; round < MaxRounds; round++)
        {
            if (await RespondAsync(exchange, challenge, cancellationToken).ConfigureAwait(false) is not { } message)
            {
                return lifetime;
            }

            var request = new SaslAuthenticateRequest { AuthBytes = message };
            SaslAuthenticateResponse answer = await SendAsync(request, version, isAhead, cancellationToken).ConfigureAwait(false);
            if (answer.ErrorCode != ErrorCode.None)
            {
                throw Refused(exchange, answer);
            }

            challenge = answer.AuthBytes;
            lifetime = LifetimeOf(answer);
        }

        throw Refused($"it went on after {MaxRounds} messages.");
    }

    private async Task ShakeHandsAsync(bool isAhead, CancellationToken cancellationToken)
    {
        if (!_versions.Supports(Apis.SaslHandshake) || !_versions.Supports(Apis.SaslAuthenticate))
        {
            throw Refused("it offers no SASL. The port belongs to a listener without it, or the broker is older than 1.0.");
        }

        short version = _versions.Negotiate(Apis.SaslHandshake);
        SaslHandshakeResponse answer = await SendAsync(new SaslHandshakeRequest { Mechanism = _mechanism.Name }, version, isAhead, cancellationToken).ConfigureAwait(false);
        switch (answer.ErrorCode)
        {
            case ErrorCode.None:
                return;
            case ErrorCode.UnsupportedSaslMechanism:
                string offered = answer.Mechanisms.Count == 0 ? "none" : string.Join(", ", answer.Mechanisms);
                throw Refused($"it does not offer this mechanism; it offers {offered}.", code: answer.ErrorCode);
            case ErrorCode.IllegalSaslState:
                throw Refused("it expects no SASL here. The port belongs to a listener without SASL: take SecurityProtocol Ssl or Plaintext, or another port.", code: answer.ErrorCode);
            default:
                throw Refused($"{answer.ErrorCode.Meaning()} ({answer.ErrorCode.Name()})", code: answer.ErrorCode);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ISaslExchange exchange, ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        try
        {
            return await exchange.RespondAsync(challenge, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not (KafkaException or OperationCanceledException or OutOfMemoryException))
        {
            throw Refused(fault.Message, fault);
        }
    }

    private async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, short version, bool isAhead, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        PendingRequest<TResponse> pending = isAhead
            ? _connection.SendAhead(request, version, cancellationToken)
            : _connection.SendInVersion(request, version, cancellationToken);
        return await pending.Response.ConfigureAwait(false);
    }

    private static TimeSpan LifetimeOf(SaslAuthenticateResponse answer) =>
        answer.SessionLifetimeMs <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(answer.SessionLifetimeMs, 10L * (long)LongestWait.TotalMilliseconds));

    private AuthenticationException Refused(ISaslExchange exchange, SaslAuthenticateResponse answer)
    {
        string reason = string.IsNullOrEmpty(answer.ErrorMessage) ? answer.ErrorCode.Meaning() : answer.ErrorMessage;
        string? told = (exchange as OAuthBearerExchange)?.RefusalReason;
        string all = $"{reason} ({answer.ErrorCode.Name()}){(told is null ? "" : $". {told}")}";
        return Refused((exchange as ISecretKeeper)?.Hide(all) ?? all, code: answer.ErrorCode);
    }

    private AuthenticationException Refused(string reason, Exception? cause = null, ErrorCode code = ErrorCode.None) =>
        new(code, _connection.Name, _mechanism.Name, $"Authentication with {_connection.Name} by {_mechanism.Name} failed: {reason}", cause);
}
