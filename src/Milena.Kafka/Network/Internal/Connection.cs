using System.Net;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>One connection to one broker: pipelined requests, answered in order. It ends once, for one reason that every waiting request learns.</summary>
/// <remarks>
/// Any thread may send. The send loop owns the writing side of the stream, the receive loop the reading side;
/// a frame that was begun is written to its end or the connection is closed.
/// </remarks>
internal sealed class Connection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ConnectionOptions _options;
    private readonly Stream _stream;
    private readonly RequestQueue _requests;
    private readonly FrameReader _frames;
    private readonly TransportWriter _writer;
    private readonly ThrottleGate _throttle;
    private readonly WakeTimer _timer;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private readonly TaskCompletionSource _closeDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private CloseReason? _closeReason;
    private long _lastUse;
    private bool _isInUse;

    internal Connection(DnsEndPoint endpoint, ConnectionOptions options, Stream stream)
    {
        Endpoint = endpoint;
        Name = EndpointName.Of(endpoint);
        _options = options;
        _stream = stream;
        _requests = new RequestQueue(options.MaxInFlight);
        _frames = new FrameReader(stream, Name, options.MaxFrameSize);
        _writer = TransportWriter.For(stream);
        _throttle = new ThrottleGate(options.TimeProvider);
        _timer = new WakeTimer(options.TimeProvider, OnTimer);
        _timer.WakeAt(Sum(_timer.Now, options.IdleTimeout));
        _running = RunAsync();
    }

    /// <summary>The broker.</summary>
    public DnsEndPoint Endpoint { get; }

    /// <summary>The broker as <c>host:port</c>.</summary>
    public string Name { get; }

    /// <summary>What the broker speaks.</summary>
    public BrokerVersions Versions { get => field ?? throw new InvalidOperationException("Versions are not negotiated yet."); private set; }

    /// <summary>Where in its life the connection is.</summary>
    public ConnectionState State { get; private set; }

    /// <summary>Ends when the connection has ended, and all memory that requests lent it is released. Never fails.</summary>
    public Task Closed => _running;

    /// <summary>Why the connection ended; null while it has not.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _closeReason);

    /// <summary>Connects to a broker and negotiates versions.</summary>
    /// <exception cref="ConnectionException">The broker could not be reached, or is none; the message says why.</exception>
    /// <exception cref="UnsupportedVersionException">The broker and this client have no version of ApiVersions in common.</exception>
    public static Task<Connection> OpenAsync(DnsEndPoint endpoint, ConnectionOptions options, ITransportConnector connector, CancellationToken cancellationToken) =>
        ConnectionSetup.OpenAsync(endpoint, options, connector, cancellationToken);

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="ConnectionException">The connection ended first.</exception>
    /// <exception cref="RequestTimeoutException">There was no answer in time. If the request was on its way, the connection is closed.</exception>
    /// <exception cref="UnsupportedVersionException">No common version, or none that carries what is asked.</exception>
    public Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse> =>
        Send(request, default, cancellationToken).Response;

    /// <inheritdoc cref="SendAsync{TResponse}(IRequest{TResponse}, CancellationToken)"/>
    public Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, RequestOptions options, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse> =>
        Send(request, options, cancellationToken).Response;

    /// <summary>Sends a request and waits for its answer, which comes with its pooled buffer; for Fetch and ShareFetch.</summary>
    /// <inheritdoc cref="SendAsync{TResponse}(IRequest{TResponse}, CancellationToken)"/>
    public Task<OwnedResponse<TResponse>> SendOwnedAsync<TResponse>(IRequest<TResponse> request, RequestOptions options, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse> =>
        SendOwned(request, options, cancellationToken).Response;

    /// <summary>Sends a request. Never throws for what the broker or the network does: the outcome is in the result.</summary>
    /// <param name="request">The request, encoded before this returns; large byte fields stay borrowed until <see cref="PendingRequest.Released"/>.</param>
    /// <param name="options">What it wants otherwise than the connection does.</param>
    /// <param name="cancellationToken">Ends the caller's wait. A request that has not begun is not sent; one that has is written to its end.</param>
    public PendingRequest<TResponse> Send<TResponse>(IRequest<TResponse> request, RequestOptions options, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        var pending = new AnsweredRequest<TResponse>(request.Api, options.IsInline);
        Start(pending, request, options, cancellationToken);
        return pending;
    }

    /// <summary>As <see cref="Send{TResponse}"/>, with the answer's pooled buffer.</summary>
    public PendingRequest<OwnedResponse<TResponse>> SendOwned<TResponse>(IRequest<TResponse> request, RequestOptions options, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        var pending = new OwningRequest<TResponse>(request.Api);
        Start(pending, request, options, cancellationToken);
        return pending;
    }

    /// <summary>Sends a request that is never answered (Produce with acks 0); its completion means that it was written.</summary>
    /// <inheritdoc cref="Send{TResponse}"/>
    public PendingRequest SendOneWay(IRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        var pending = new OneWayRequest(request.Api);
        Start(pending, request, options, cancellationToken);
        return pending;
    }

    /// <summary>Ends the connection at once.</summary>
    /// <param name="reason">What every waiting request is told.</param>
    public void Abort(string reason) => Close(new CloseReason(CloseKind.ByClient, new ConnectionException(Name, reason)));

    /// <summary>Makes place for a newer connection: those who have this one may go on, and it closes when it has had no request for a moment.</summary>
    public void Retire()
    {
        if (TryMove(ConnectionState.Retiring))
        {
            _timer.WakeAt(Sum(_timer.Now, IdleTimeout));
        }
    }

    /// <summary>Takes no more requests, waits a bounded time until those it has are written, and ends the connection. Answers are not waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        CloseReason reason = CloseReason.ByClient(Name);
        if (TryMove(ConnectionState.Closing))
        {
            _requests.Stop(reason.Exception);
        }

        if (await EndsInTimeAsync().ConfigureAwait(false))
        {
            return;
        }

        Close(reason);
        if (!await EndsInTimeAsync().ConfigureAwait(false))
        {
            Log.LoopsLeftBehind(_options.Logger, Name);
        }
    }

    /// <summary>Set-up only: sends in a given version, before versions are known.</summary>
    internal PendingRequest<TResponse> SendInVersion<TResponse>(IRequest<TResponse> request, short version, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        var pending = new AnsweredRequest<TResponse>(request.Api);
        Enqueue(pending, request, version, new RequestOptions(Timeout: Timeout.InfiniteTimeSpan), cancellationToken);
        return pending;
    }

    /// <summary>Renewal of the session only: keeps all other requests back until <see cref="Resume"/>.</summary>
    /// <returns>Ends when those that were begun are answered.</returns>
    internal Task HoldAsync() => _requests.HoldAsync();

    /// <summary>Lets go what <see cref="HoldAsync"/> kept back.</summary>
    internal void Resume() => _requests.Resume();

    /// <summary>Renewal of the session only: sends while the others are held.</summary>
    internal PendingRequest<TResponse> SendAhead<TResponse>(IRequest<TResponse> request, short version, CancellationToken cancellationToken)
        where TResponse : IResponse<TResponse>
    {
        var pending = new AnsweredRequest<TResponse>(request.Api);
        Enqueue(pending, request, version, default, cancellationToken, isAhead: true);
        return pending;
    }

    /// <summary>Set-up only: the connection may be used.</summary>
    /// <returns>False if it has ended already.</returns>
    internal bool TryBecomeReady(BrokerVersions versions)
    {
        Versions = versions;
        return TryMove(ConnectionState.Ready);
    }

    private TimeSpan IdleTimeout => State == ConnectionState.Retiring ? _options.RetireTimeout : _options.IdleTimeout;

    private static bool IsLegal(ConnectionState from, ConnectionState to) => (from, to) switch
    {
        (ConnectionState.Opening, ConnectionState.Ready) => true,
        (ConnectionState.Ready, ConnectionState.Retiring) => true,
        (ConnectionState.Opening or ConnectionState.Ready or ConnectionState.Retiring, ConnectionState.Closing) => true,
        (not ConnectionState.Closed, ConnectionState.Closed) => true,
        _ => false,
    };

    private bool TryMove(ConnectionState to)
    {
        lock (_gate)
        {
            if (!IsLegal(State, to))
            {
                return false;
            }

            State = to;
            return true;
        }
    }

    private void Start(PendingRequest pending, IRequest request, RequestOptions options, CancellationToken cancellationToken)
    {
        try
        {
            short version = Versions.Negotiate(request.Api, options.MaxVersion ?? short.MaxValue);
            Enqueue(pending, request, version, options, cancellationToken);
        }
        catch (UnsupportedVersionException e)
        {
            pending.Fail(e);
        }
    }

    private void Enqueue(PendingRequest pending, IRequest request, short version, RequestOptions options, CancellationToken cancellationToken, bool isAhead = false)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            pending.Cancel(cancellationToken);
            return;
        }

        RequestFrame frame;
        try
        {
            frame = RequestFrame.Encode(request, version, _options.ClientId);
        }
        catch (UnsupportedFieldException e)
        {
            pending.Fail(new UnsupportedVersionException($"{Name} cannot be asked: {e.Message}", e));
            return;
        }
        catch (ProtocolException e)
        {
            pending.Fail(new KafkaException($"{request.Api.Key} v{version} for {Name} cannot be written: {e.Message}", e));
            return;
        }

        TimeSpan now = _timer.Now;
        TimeSpan timeout = options.Timeout ?? _options.RequestTimeout;
        pending.Prepare(frame, version, timeout, Sum(now, timeout), cancellationToken);
        if ((isAhead ? _requests.TryAddAhead(pending) : _requests.TryAdd(pending)) is { } refusal)
        {
            pending.Fail(Failure(pending, refusal));
            return;
        }

        Volatile.Write(ref _lastUse, now.Ticks);
        _timer.WakeAt(pending.Deadline);
        _requests.WakeSender(options.IsInline);
    }

    private async Task SendLoopAsync()
    {
        while (await _requests.WaitForWorkAsync().ConfigureAwait(false))
        {
            await _throttle.WaitAsync(_closing.Token).ConfigureAwait(false);
            await WriteAsync(_requests.BeginBatch()).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteAsync(IReadOnlyList<PendingRequest> batch)
    {
        bool written = false;
        try
        {
            for (int i = 0; i < batch.Count; i++)
            {
                _segments.AddRange(batch[i].Frame.Segments);
            }

            if (_segments.Count > 0)
            {
                await _writer.WriteAsync(_segments, _closing.Token).ConfigureAwait(false);
            }

            written = true;
        }
        finally
        {
            _segments.Clear();
            _requests.EndBatch(written);
        }
    }

    private async Task ReceiveLoopAsync()
    {
        while (await _frames.ReadAsync(_closing.Token).ConfigureAwait(false) is { } frame)
        {
            Answer(frame);
        }
    }

    private void Answer(Frame frame)
    {
        int correlationId = ResponseFrame.CorrelationId(frame.Memory);
        PendingRequest request = _requests.PeekInFlight()
            ?? throw new PoisonedConnectionException(Name, $"{Name} sent a response with correlation id {correlationId} that answers no request.");
        if (request.CorrelationId != correlationId)
        {
            throw new PoisonedConnectionException(
                Name,
                $"{Name} answered with correlation id {correlationId} where {request.CorrelationId} ({request.Name}) was due; responses come in the order of the requests.");
        }

        TimeSpan throttleTime;
        try
        {
            throttleTime = request.Read(frame);
        }
        catch (ProtocolException e)
        {
            var failure = new PoisonedConnectionException(Name, $"The answer of {Name} to {request.Name} cannot be read: {e.Message}", e);
            request.Fail(failure);
            throw failure;
        }

        // All is in place before the caller learns of the answer: what it sends next must find the silence and the room in flight.
        if (_throttle.Observe(request.Api, request.Version, throttleTime))
        {
            Log.Throttled(_options.Logger, Name, throttleTime, request.Api.Key);
        }

        _isInUse |= State != ConnectionState.Opening;
        Volatile.Write(ref _lastUse, _timer.Now.Ticks);
        _requests.RemoveInFlight();
        request.Finish();
    }

    private async Task RunAsync()
    {
        Task sending = SendLoopAsync();
        Task receiving = ReceiveLoopAsync();
        Task first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);
        Close(first == sending && first.IsCompletedSuccessfully ? CloseReason.ByClient(Name) : CloseReason.Of(Name, first.Exception?.InnerException, _isInUse));

        // What the other loop ends with is only an echo of the reason.
        await Task.WhenAll(sending, receiving, _closeDone.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _timer.Dispose();
    }

    private void Close(CloseReason reason)
    {
        if (!TryMove(ConnectionState.Closed))
        {
            return;
        }

        Volatile.Write(ref _closeReason, reason);
        Log.End(_options.Logger, Name, reason);
        foreach (PendingRequest request in _requests.Close(reason.Exception))
        {
            request.Fail(Failure(request, reason.Exception));
        }

        EndStream();
        _closeDone.SetResult();
    }

    private void EndStream()
    {
        try
        {
            using (_stream)
            {
                _closing.Cancel();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The stream is a plug; what it throws here changes nothing, the reason is given.
            Log.DisposeFailed(_options.Logger, e, Name);
        }
    }

    private ConnectionException Failure(PendingRequest request, ConnectionException reason)
    {
        string outcome = request.WasBegun ? "was not answered" : "was not sent";
        return new ConnectionException(Name, $"{request.Name} {outcome}. {reason.Message}", reason);
    }

    private void OnTimer()
    {
        TimeSpan now = _timer.Now;
        List<PendingRequest> expired = [];
        TimeSpan next = _requests.CollectExpired(now, expired);
        RequestTimeoutException? silence = null;
        foreach (PendingRequest request in expired)
        {
            // A request that never began says nothing about the broker: the connection may be throttled or full.
            bool dropped = request.TryDrop();
            var timeout = new RequestTimeoutException(Name, dropped
                ? $"{request.Name} could not be sent to {Name} within {request.Timeout.TotalSeconds:0.###} s: earlier requests are not answered yet, or the broker throttles."
                : $"{Name} did not answer {request.Name} within {request.Timeout.TotalSeconds:0.###} s. What it did with the request is not known; the connection is closed.");
            silence ??= request.WasBegun ? timeout : null;
            request.Fail(timeout);
        }

        if (silence is not null)
        {
            Close(new CloseReason(CloseKind.TimedOut, silence));
            return;
        }

        TimeSpan idleTimeout = IdleTimeout;
        TimeSpan idleAt = Sum(TimeSpan.FromTicks(Volatile.Read(ref _lastUse)), idleTimeout);
        if (idleAt <= now && TryCloseIdle())
        {
            return;
        }

        idleAt = idleAt <= now ? Sum(now, idleTimeout) : idleAt;
        _timer.WakeAt(next < idleAt ? next : idleAt);
    }

    private bool TryCloseIdle()
    {
        var reason = new ConnectionException(Name, $"The connection to {Name} was closed after {IdleTimeout} without a request.");
        if (!_requests.StopIfEmpty(reason))
        {
            return false;
        }

        Close(new CloseReason(CloseKind.Idle, reason));
        return true;
    }

    private async ValueTask<bool> EndsInTimeAsync()
    {
        try
        {
            await _running.WaitAsync(_options.CloseTimeout, _options.TimeProvider).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static TimeSpan Sum(TimeSpan time, TimeSpan wait) =>
        wait == Timeout.InfiniteTimeSpan || wait > TimeSpan.MaxValue - time ? TimeSpan.MaxValue : time + wait;
}
