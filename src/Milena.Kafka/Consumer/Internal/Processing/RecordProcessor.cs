namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>One run of a consumer with a handler: reads, starts handlers as far as order and parallelism allow, and ends in bounded time.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "A handler that ignores its token may end after the run and set the source off; it has no timer.")]
internal sealed class RecordProcessor<TKey, TValue>
{
    /// <summary>How long handlers have to notice that their token is set off, once the time for stopping is over.</summary>
    private static readonly TimeSpan LastCall = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Wakeup _ended = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ProcessingContext _context;
    private readonly RunOptions _options;
    private readonly WorkInProgress<TKey, TValue> _work;
    private readonly HandlerRun<TKey, TValue> _run;
    private readonly bool _keepsBytes;
    private Exception? _failure;

    public RecordProcessor(ProcessingContext context, Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> handler)
    {
        _context = context;
        _options = context.Options;
        _work = new WorkInProgress<TKey, TValue>(_options.Parallelism, _options.MaxInFlight);
        _run = new HandlerRun<TKey, TValue>(context, _work, handler, _stopping.Token);
        _keepsBytes = _options.OnFailure.MayForward;
    }

    private FetchState State => _context.Engine.State;

    /// <summary>Set off when reading must end because of a failure.</summary>
    public CancellationToken Failed => _stopping.Token;

    /// <summary>Processes what a stream brings, until a token is set off or something fails.</summary>
    /// <exception cref="KafkaException">It failed.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was closed.</exception>
    public async Task RunAsync(RecordStream<TKey, TValue> stream, CancellationToken stop)
    {
        using CancellationTokenRegistration stopped = stop.UnsafeRegister(static s => _ = ((CancellationTokenSource)s!).CancelAsync(), _stopping);
        using CancellationTokenRegistration closed = _context.Engine.Closing.UnsafeRegister(static s => _ = ((CancellationTokenSource)s!).CancelAsync(), _stopping);
        State.BeginWork(_work);
        try
        {
            await ReadAsync(stream).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            // Asked to stop, the consumer closes, or a handler failed: told below.
        }
        catch (Exception failure)
        {
            Fail(failure);
        }

        await StopAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        State.EndWork();
        if (_failure is { } fault)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }

        if (!stop.IsCancellationRequested)
        {
            State.ThrowIfFailed();
        }
    }

    private async Task ReadAsync(RecordStream<TKey, TValue> stream)
    {
        while (await stream.MoveNextAsync().ConfigureAwait(false))
        {
            Take(stream);
            while (!_work.HasRoom)
            {
                await _ended.WaitAsync(Timeout.InfiniteTimeSpan, _context.Engine.Time, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private void Take(RecordStream<TKey, TValue> stream)
    {
        ConsumeResult<TKey, TValue> record = stream.Current;
        FetchedRecords fetched = stream.Fetched;
        long due = FailureNote.Read(record.Headers).UnixTime;
        if (due > 0 && due > _context.Engine.Time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            stream.GiveBack(withCurrent: true);
            State.Delay(fetched.State, isDelayed: true);
            _ = ReleaseAsync(fetched.State, due);
            return;
        }

        bool isTaken = false;
        bool isFull = State.Accept(fetched, (state, partitions) =>
        {
            isTaken = true;
            return _work.Add(state, partitions, work => CreateItem(stream, work));
        });
        if (!isTaken)
        {
            // It goes to another member; were it passed, it would count as finished.
            stream.GiveBack(withCurrent: true);
            return;
        }

        if (isFull)
        {
            State.HoldBack(fetched.State, isHeldBack: true);
            stream.GiveBack(withCurrent: false);
        }

        StartReady();
        if (isFull)
        {
            FreeIfDone(fetched.State);
        }
    }

    private WorkItem<TKey, TValue> CreateItem(RecordStream<TKey, TValue> stream, PartitionWork work) => new()
    {
        Record = stream.Current,
        Partition = work,
        Lane = new Lane(work.State, _options.Ordering == ProcessingOrder.Partition ? 0 : HashOf(stream)),
        Stored = _keepsBytes ? StoredBytes.Of(stream.Stored) : null,
    };

    /// <summary>Keys that share a hash share a lane, which costs a little parallelism and no order.</summary>
    private static int HashOf(RecordStream<TKey, TValue> stream)
    {
        if (stream.Stored.IsKeyNull)
        {
            return (int)stream.Current.Offset;
        }

        var hash = default(HashCode);
        hash.AddBytes(stream.Stored.KeySpan);
        return hash.ToHashCode();
    }

    private void StartReady()
    {
        while (!_stopping.IsCancellationRequested && _work.TryStart(out WorkItem<TKey, TValue>? item))
        {
            WorkItem<TKey, TValue> started = item;
            _ = Task.Run(() => HandleAsync(started), CancellationToken.None);
        }
    }

    private async Task HandleAsync(WorkItem<TKey, TValue> item)
    {
        bool isFinished = false;
        try
        {
            isFinished = !item.IsVoid && await _run.ProcessAsync(item).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }

        if (_work.End(item, isFinished))
        {
            State.HoldBack(item.Partition.State, isHeldBack: false);
        }

        State.HandFreed.Set();
        State.ComeBack();
        StartReady();
        _ended.Set();
    }

    /// <summary>The handlers may have freed the partition just before it was held back.</summary>
    private void FreeIfDone(PartitionState state)
    {
        if (!_work.IsHeldBack(state))
        {
            State.HoldBack(state, isHeldBack: false);
        }
    }

    private async Task ReleaseAsync(PartitionState state, long due)
    {
        TimeSpan pause = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(due, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())) - _context.Engine.Time.GetUtcNow();
        TimeSpan bounded = pause < TimeSpan.Zero ? TimeSpan.Zero : pause > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : pause;
        await Task.Delay(bounded, _context.Engine.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        State.Delay(state, isDelayed: false);
    }

    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
        }

        _ = _stopping.CancelAsync();
    }

    /// <summary>Lets the handlers that run end, unless the consumer closes; then tells them to, then goes on without them.</summary>
    private async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _work.CloseAll();
        if (!await WaitForHandlersAsync(_options.StopTimeout, _context.Engine.Closing).ConfigureAwait(false))
        {
            _work.AbandonAll();
            if (!await WaitForHandlersAsync(LastCall, CancellationToken.None).ConfigureAwait(false))
            {
                Log.HandlersIgnoreToken(_context.Log, _work.Running, _options.StopTimeout);
            }
        }
    }

    private async Task<bool> WaitForHandlersAsync(TimeSpan limit, CancellationToken hurry)
    {
        TimeSpan deadline = _context.Engine.Now + limit;
        while (_work.Running > 0)
        {
            TimeSpan left = deadline - _context.Engine.Now;
            if (left <= TimeSpan.Zero || hurry.IsCancellationRequested)
            {
                return false;
            }

            try
            {
                await _ended.WaitAsync(left, _context.Engine.Time, hurry).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (hurry.IsCancellationRequested)
            {
                // Seen above.
            }
        }

        return true;
    }
}
