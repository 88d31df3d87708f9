using System.Net;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Network.Internal;

/// <summary>The way from an address to a connection that may be used: connect, negotiate versions, authenticate. All of it within one time-out.</summary>
internal static class ConnectionSetup
{
    private const string WhatMayBeThere =
        "The port may belong to a listener with TLS, or to something else than Kafka.";

    /// <summary>Goes the whole way, or leaves nothing behind.</summary>
    public static async Task<Connection> OpenAsync(DnsEndPoint endpoint, ConnectionOptions options, ITransportConnector connector, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(options.ConnectionSetupTimeout, options.TimeProvider);
        using var setup = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        string name = EndpointName.Of(endpoint);
        string seconds = $"{options.ConnectionSetupTimeout.TotalSeconds:0.###} s";

        Stream stream;
        try
        {
            stream = await ConnectAsync(endpoint, connector, setup.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionException(name, $"No connection to {name} within {seconds}: the host does not answer, or a firewall drops what is sent to it.", e);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new ConnectionException(name, $"{name} could not be reached: {e.Message}", e);
        }

        var connection = new Connection(endpoint, options, stream);
        string step = "answer ApiVersions";
        try
        {
            BrokerVersions versions = await NegotiateAsync(connection, options, setup.Token).ConfigureAwait(false);
            if (options.Sasl is { } mechanism)
            {
                step = $"finish authentication by {mechanism.Name}";
                await new SaslSession(connection, versions, options, mechanism).OpenAsync(setup.Token).ConfigureAwait(false);
            }

            if (!connection.TryBecomeReady(versions))
            {
                throw connection.CloseReason!.Exception;
            }

            RetireWithCertificates(connection, stream);
            Log.Connected(options.Logger, name);
            return connection;
        }
        catch (Exception e)
        {
            connection.Abort($"The connection to {name} could not be set up: {e.Message}");
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new ConnectionException(name, $"{name} took the connection but did not {step} within {seconds}. {WhatMayBeThere}", e);
            }

            if (Refusal(name, connection.CloseReason) is { } refusal)
            {
                throw refusal;
            }

            if (e is ConnectionException && connection.CloseReason is { Kind: CloseKind.ByPeer or CloseKind.Broken } reason)
            {
                throw new ConnectionException(name, $"{reason.Exception.Message} It did not {step}; {Hint(options.Sasl, stream)}", reason.Exception);
            }

            throw;
        }
    }

    private static string Hint(ISaslMechanism? mechanism, Stream stream) => (mechanism, stream) switch
    {
        (not null, _) => "brokers do so when they refuse a credential and are not to say why.",
        (null, TlsStream { IsMutuallyAuthenticated: false }) => "brokers do so when they want a client certificate and got none (TlsOptions.ClientCertificate).",
        (null, TlsStream) => "brokers do so when they do not trust the client certificate.",
        _ => "a broker older than 0.10 does so too.",
    };

    // With TLS 1.3 a broker looks at the client's certificate when the client has already begun to send.
    private static AuthenticationException? Refusal(string name, CloseReason? reason) => reason switch
    {
        { Exception: PoisonedConnectionException { IsTls: true } foreign } => new(name, TlsConnector.Mechanism, foreign.Message, foreign),
        { Kind: CloseKind.Broken } broken when TlsFault.AlertOf(broken.Exception) is not null => TlsFault.Of(name, null, broken.Exception) as AuthenticationException,
        _ => null,
    };

    private static void RetireWithCertificates(Connection connection, Stream stream)
    {
        if (stream is TlsStream { Outdated.CanBeCanceled: true } tls)
        {
            CancellationTokenRegistration outdated = tls.Outdated.UnsafeRegister(static state => ((Connection)state!).Retire(), connection);
            _ = connection.Closed.ContinueWith(_ => outdated.Unregister(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // The connector is a plug: one that ignores its token must not hold up the caller, nor leave a stream open.
    private static async Task<Stream> ConnectAsync(DnsEndPoint endpoint, ITransportConnector connector, CancellationToken cancellationToken)
    {
        Task<Stream> connecting = connector.ConnectAsync(endpoint, cancellationToken).AsTask();
        try
        {
            return await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = DisposeLateAsync(connecting);
            throw;
        }
    }

    private static async Task DisposeLateAsync(Task<Stream> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await connecting.Result.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<BrokerVersions> NegotiateAsync(Connection connection, ConnectionOptions options, CancellationToken cancellationToken)
    {
        var request = new ApiVersionsRequest
        {
            ClientSoftwareName = options.ClientSoftwareName,
            ClientSoftwareVersion = options.ClientSoftwareVersion,
        };

        short version = options.AllowUnstableVersions ? Apis.ApiVersions.HighestVersion : Apis.ApiVersions.HighestStableVersion;
        while (true)
        {
            ApiVersionsResponse answer = await connection.SendInVersion(request, version, cancellationToken).Response.ConfigureAwait(false);
            switch (answer.ErrorCode)
            {
                case ErrorCode.None:
                    return new BrokerVersions(connection.Name, answer, options.AllowUnstableVersions);

                case ErrorCode.UnsupportedVersion when version > 0:
                    short next = StepDown(answer, version);
                    Log.SteppingDown(options.Logger, connection.Name, version, next);
                    version = next;
                    break;

                case ErrorCode.UnsupportedVersion:
                    throw new UnsupportedVersionException($"The broker {connection.Name} refuses ApiVersions even in version 0; this client cannot find out what it speaks.");

                default:
                    throw new KafkaException(answer.ErrorCode, $"The broker {connection.Name} refused ApiVersions v{version}: {answer.ErrorCode}.");
            }
        }
    }

    // KIP-511: since 2.4 a broker lists its range of ApiVersions with the refusal. It must lead downwards, or a broker could keep the client asking.
    private static short StepDown(ApiVersionsResponse refusal, short refused)
    {
        ApiVersionsResponse.ApiVersion? listed = refusal.ApiKeys.Find(api => api.ApiKey == (short)ApiKey.ApiVersions);
        return listed is not null && listed.MaxVersion > 0 ? Math.Min(listed.MaxVersion, (short)(refused - 1)) : (short)0;
    }
}
