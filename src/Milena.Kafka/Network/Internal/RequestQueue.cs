using Milena.Kafka.Common;

namespace Milena.Kafka.Network.Internal;

/// <summary>The requests of one connection, oldest first: those that wait to be sent, those being written, those that wait for their answer.</summary>
/// <remarks>Any thread may add and close; one send loop takes batches, one receive loop takes what was answered.</remarks>
internal sealed class RequestQueue(int maxInFlight, int firstCorrelationId = 0)
{
    private const int MaxBatchBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<PendingRequest> _waiting = new();
    private readonly Queue<PendingRequest> _inFlight = new();
    private readonly List<PendingRequest> _writing = [];

    // Sent while the others are held; not null while they are.
    private readonly Queue<PendingRequest> _ahead = new();
    private TaskCompletionSource? _drained;
    private readonly LoopSignal _changed = new();
    private ConnectionException? _refusal;
    private bool _closed;
    private int _nextCorrelationId = firstCorrelationId;

    /// <summary>Adds a request at the end. The send loop learns of it by <see cref="WakeSender"/>.</summary>
    /// <returns>Null, or why no more requests are taken.</returns>
    public ConnectionException? TryAdd(PendingRequest request) => TryAdd(request, _waiting);

    /// <summary>Adds a request that is sent although the others are held.</summary>
    /// <returns>Null, or why no more requests are taken.</returns>
    public ConnectionException? TryAddAhead(PendingRequest request) => TryAdd(request, _ahead);

    /// <summary>Begins no more requests until <see cref="Resume"/>, but those ahead.</summary>
    /// <returns>Ends when all that were begun are answered, or the connection has ended.</returns>
    public Task HoldAsync()
    {
        lock (_gate)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_closed || _inFlight.Count == 0)
            {
                _drained.TrySetResult();
            }

            return _drained.Task;
        }
    }

    /// <summary>Begins requests again.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _drained = null;
        }

        _changed.Set();
    }

    private Queue<PendingRequest> Next => _drained is null ? _waiting : _ahead;

    private ConnectionException? TryAdd(PendingRequest request, Queue<PendingRequest> queue)
    {
        lock (_gate)
        {
            if (_refusal is not null)
            {
                return _refusal;
            }

            queue.Enqueue(request);
        }

        return null;
    }

    /// <summary>Tells the send loop of what was added.</summary>
    /// <param name="inline">Whether it may write on this thread, if it waits.</param>
    public void WakeSender(bool inline)
    {
        if (inline)
        {
            _changed.SetInline();
        }
        else
        {
            _changed.Set();
        }
    }

    /// <summary>Send loop only: waits until a batch may be begun.</summary>
    /// <returns>False when there will never be one again.</returns>
    public async ValueTask<bool> WaitForWorkAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_closed || (_refusal is not null && _waiting.Count == 0))
                {
                    return false;
                }

                if (Next.Count > 0 && _inFlight.Count < maxInFlight)
                {
                    return true;
                }
            }

            await _changed.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Send loop only: begins the oldest requests, numbers them and returns them; until <see cref="EndBatch"/> the list stays as it is.</summary>
    public IReadOnlyList<PendingRequest> BeginBatch()
    {
        lock (_gate)
        {
            int bytes = 0;
            while (bytes < MaxBatchBytes && _inFlight.Count < maxInFlight && Next.TryDequeue(out PendingRequest? request))
            {
                if (!request.TryBegin(_nextCorrelationId))
                {
                    continue;
                }

                _nextCorrelationId = _nextCorrelationId == int.MaxValue ? 0 : _nextCorrelationId + 1;
                _writing.Add(request);
                bytes += request.Frame.Length;
                if (request.IsAnswered)
                {
                    _inFlight.Enqueue(request);
                }
            }

            return _writing;
        }
    }

    /// <summary>Send loop only: the write of the batch has ended, one way or the other; its memory is released.</summary>
    /// <param name="written">False after a failed write: <see cref="Close"/> still has to find the requests that nothing else waits for.</param>
    public void EndBatch(bool written)
    {
        foreach (PendingRequest request in _writing)
        {
            request.ReleaseFrame();
            if (written)
            {
                request.OnWritten();
            }
        }

        if (written)
        {
            lock (_gate)
            {
                _writing.Clear();
            }
        }
    }

    /// <summary>Receive loop only: the oldest request that waits for an answer.</summary>
    public PendingRequest? PeekInFlight()
    {
        lock (_gate)
        {
            return _inFlight.TryPeek(out PendingRequest? request) ? request : null;
        }
    }

    /// <summary>Receive loop only: the oldest request in flight was answered.</summary>
    public void RemoveInFlight()
    {
        bool hasWaiting;
        lock (_gate)
        {
            _inFlight.TryDequeue(out _);
            hasWaiting = Next.Count > 0;
            if (_inFlight.Count == 0)
            {
                _drained?.TrySetResult();
            }
        }

        if (hasWaiting)
        {
            _changed.Set();
        }
    }

    /// <summary>Takes no more requests; those that are there go on.</summary>
    public void Stop(ConnectionException refusal)
    {
        lock (_gate)
        {
            _refusal ??= refusal;
        }

        _changed.Set();
    }

    /// <summary>Takes no more requests if there is none.</summary>
    /// <returns>Whether there was none.</returns>
    public bool StopIfEmpty(ConnectionException refusal)
    {
        lock (_gate)
        {
            if (_waiting.Count + _inFlight.Count + _writing.Count > 0 || _drained is not null || _refusal is not null)
            {
                return false;
            }

            _refusal = refusal;
            return true;
        }
    }

    /// <summary>Takes no more requests and gives out those that are not over. Their frames stay with their owners.</summary>
    public List<PendingRequest> Close(ConnectionException refusal)
    {
        List<PendingRequest> unfinished;
        lock (_gate)
        {
            _refusal = refusal;
            _closed = true;
            unfinished = [.. _inFlight, .. _writing.Where(request => !request.IsAnswered), .. _ahead, .. _waiting];
            _inFlight.Clear();
            _ahead.Clear();
            _waiting.Clear();
            _drained?.TrySetResult();
        }

        _changed.Set();
        return unfinished;
    }

    /// <summary>Looks at all deadlines.</summary>
    /// <param name="now">The time on the connection's clock.</param>
    /// <param name="expired">Gets the requests whose time is over.</param>
    /// <returns>The earliest deadline that is still ahead.</returns>
    public TimeSpan CollectExpired(TimeSpan now, List<PendingRequest> expired)
    {
        TimeSpan earliest = TimeSpan.MaxValue;
        lock (_gate)
        {
            foreach (PendingRequest request in _inFlight.Concat(_writing.Where(request => !request.IsAnswered)).Concat(_ahead).Concat(_waiting))
            {
                if (request.Deadline > now)
                {
                    earliest = request.Deadline < earliest ? request.Deadline : earliest;
                }
                else
                {
                    expired.Add(request);
                }
            }
        }

        return earliest;
    }
}
