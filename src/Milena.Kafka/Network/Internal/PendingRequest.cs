using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>One request from the call until both are over: its outcome, and the connection's use of the memory that it lent.</summary>
/// <remarks>
/// The encoded frame has one owner at a time. It is queued; then either the send loop begins it and releases it after the write has ended,
/// or whoever drops it (cancellation, time-out, close) releases it at once. The compare-and-swap of the stage decides between the two.
/// </remarks>
internal abstract class PendingRequest
{
    private const int Queued = 0;
    private const int Begun = 1;
    private const int Dropped = 2;

    private static readonly TaskCompletionSource AlreadyReleased = CreateCompleted();

    private RequestFrame? _frame;
    private TaskCompletionSource? _released;
    private CancellationTokenRegistration _cancellation;
    private int _stage;

    /// <summary>Starts a request that is not yet encoded.</summary>
    protected PendingRequest(Api api)
    {
        Api = api;
    }

    /// <summary>The API that is asked.</summary>
    public Api Api { get; }

    /// <summary>The version that is spoken.</summary>
    public short Version { get; private set; } = -1;

    /// <summary>Whether bytes of the request may have reached the broker. While false after the end, the broker surely did not see it.</summary>
    public bool WasBegun => Volatile.Read(ref _stage) == Begun;

    /// <summary>Ends when the connection will never again read memory that the request lent it. Never fails, whatever became of the request.</summary>
    /// <remarks>A cancelled or timed-out caller gets its exception at once, but may reuse record buffers only after this.</remarks>
    public Task Released
    {
        get
        {
            if (Volatile.Read(ref _released) is { } known)
            {
                return known.Task;
            }

            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _released, created, null) ?? created).Task;
        }
    }

    /// <summary>Ends with the outcome of the request.</summary>
    public abstract Task Completion { get; }

    /// <summary>Whether the broker will answer.</summary>
    public abstract bool IsAnswered { get; }

    /// <summary>The time on the connection's clock when the request must be over.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>How long the request may take.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>The number that pairs request and response; -1 while not begun.</summary>
    public int CorrelationId { get; private set; } = -1;

    /// <summary>The frame to write. Only for the send loop, between begin and release.</summary>
    public RequestFrame Frame => _frame ?? throw new InvalidOperationException("The frame of a request was used after its release.");

    /// <summary>The request as messages name it.</summary>
    public string Name => $"{Api.Key} v{Version}";

    /// <summary>Takes over the encoded frame and starts to watch the caller's token.</summary>
    public void Prepare(RequestFrame frame, short version, TimeSpan timeout, TimeSpan deadline, CancellationToken cancellationToken)
    {
        _frame = frame;
        Version = version;
        Timeout = timeout;
        Deadline = deadline;
        _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((PendingRequest)state!).Cancel(token), this);
    }

    /// <summary>Send loop only: the request's turn has come. From here on its frame is written completely or the connection ends.</summary>
    /// <returns>False if the request was dropped in the meantime.</returns>
    public bool TryBegin(int correlationId)
    {
        if (Interlocked.CompareExchange(ref _stage, Begun, Queued) != Queued)
        {
            return false;
        }

        CorrelationId = correlationId;
        Frame.SetCorrelationId(correlationId);
        return true;
    }

    /// <summary>Takes a request that has not begun out of the way and releases its memory.</summary>
    /// <returns>False if it had begun or was dropped before.</returns>
    public bool TryDrop()
    {
        if (Interlocked.CompareExchange(ref _stage, Dropped, Queued) != Queued)
        {
            return false;
        }

        ReleaseFrame();
        return true;
    }

    /// <summary>Gives the frame back and tells those who lent memory. Only for the frame's current owner, once.</summary>
    public void ReleaseFrame()
    {
        Interlocked.Exchange(ref _frame, null)?.Release();
        Interlocked.CompareExchange(ref _released, AlreadyReleased, null)?.TrySetResult();
    }

    /// <summary>The caller waits no longer.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        // A request that has begun is still written to its end and its answer read; only the caller stops waiting.
        TryDrop();
        SetCanceled(cancellationToken);
    }

    /// <summary>Ends the request with an exception, unless it is over.</summary>
    public void Fail(Exception exception)
    {
        TryDrop();
        _cancellation.Unregister();
        SetException(exception);
    }

    /// <summary>Send loop only: the last byte of the frame was handed to the transport.</summary>
    public virtual void OnWritten()
    {
    }

    /// <summary>Receive loop only: reads the answer and takes over its frame. The caller is told by <see cref="Finish"/>.</summary>
    /// <returns>How long the broker asks for silence.</returns>
    /// <exception cref="ProtocolException">The answer cannot be read.</exception>
    public abstract TimeSpan Read(Frame frame);

    /// <summary>Receive loop only: ends the request with the answer that was read, unless it is over.</summary>
    public abstract void Finish();

    /// <summary>Stops watching the caller's token.</summary>
    protected void StopWatching() => _cancellation.Unregister();

    /// <summary>Ends the request with an exception, unless it is over.</summary>
    protected abstract void SetException(Exception exception);

    /// <summary>Ends the request as cancelled, unless it is over.</summary>
    protected abstract void SetCanceled(CancellationToken cancellationToken);

    private static TaskCompletionSource CreateCompleted()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
