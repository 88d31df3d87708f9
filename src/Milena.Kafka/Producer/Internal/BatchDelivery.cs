using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Producer.Internal;

/// <summary>
/// What the callers of <c>ProduceAsync</c> await: one object for all records that were accepted into one batch. The token of a record is its place
/// among those that are awaited. Never reused, so that awaiting twice is harmless.
/// </summary>
/// <remarks>Records are added under the gate of the partition's queue; the end comes from the sender loop that owns the batch.</remarks>
internal sealed class BatchDelivery : IValueTaskSource<DeliveryResult>
{
    /// <summary>Tokens are of 16 bits.</summary>
    public const int MaxAwaited = short.MaxValue;

    private readonly Lock _gate = new();
    private readonly List<(int Index, long Timestamp)> _awaited = [];
    private readonly List<(int FirstIndex, DeliveryOutcome Outcome)> _outcomes = new(1);
    private DeliveryContinuation? _firstContinuation;
    private List<DeliveryContinuation>? _continuations;
    private TaskCompletionSource? _settled;
    private int _added;
    private int _open;

    // Set last: who sees it sees all outcomes, and may read them without the gate.
    private volatile bool _isEnded;

    public BatchDelivery(TopicPartition partition) => Partition = partition;

    /// <summary>Where the records go.</summary>
    public TopicPartition Partition { get; }

    /// <summary>How many records were added whose delivery nobody awaits.</summary>
    public int UnawaitedCount => _added - _awaited.Count;

    public bool HasTokens => _awaited.Count < MaxAwaited;

    /// <summary>Those who want to hear of single records; null if nobody does.</summary>
    public ObservedRecords? Observed { get; private set; }

    public bool IsEnded
    {
        get
        {
            lock (_gate)
            {
                return _isEnded;
            }
        }
    }

    /// <summary>The first fault of a part; null if all is stored.</summary>
    public DeliveryFault? Fault { get; private set; }

    /// <summary>Ends when the delivery of all records has ended, one way or the other, and failures have been reported.</summary>
    public Task Settled
    {
        get
        {
            lock (_gate)
            {
                _settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _settled.Task;
            }
        }
    }

    /// <summary>Adds the next record.</summary>
    /// <returns>Its token if it is awaited.</returns>
    public short Add(long timestamp, bool isAwaited)
    {
        int index = _added++;
        _open++;
        if (!isAwaited)
        {
            return -1;
        }

        _awaited.Add((index, timestamp));
        return (short)(_awaited.Count - 1);
    }

    /// <summary>Lets someone hear of the end of the record that was added last.</summary>
    public void Observe(RecordObserver observer, long timestamp) => (Observed ??= new ObservedRecords()).Add(_added - 1, timestamp, observer);

    /// <summary>Ends the delivery of consecutive records; the last part ends the whole.</summary>
    /// <param name="firstIndex">The first of them, by its place among all that were added.</param>
    /// <param name="count">How many.</param>
    /// <param name="outcome">How it ended.</param>
    /// <returns>Whether the whole has ended.</returns>
    public bool End(int firstIndex, int count, DeliveryOutcome outcome)
    {
        DeliveryContinuation? first;
        List<DeliveryContinuation>? continuations;
        lock (_gate)
        {
            _outcomes.Add((firstIndex, outcome));
            Fault ??= outcome.Fault;
            _open -= count;
            if (_open > 0)
            {
                return false;
            }

            _isEnded = true;
            first = _firstContinuation;
            continuations = _continuations;
            _firstContinuation = null;
            _continuations = null;
        }

        first?.Schedule();
        if (continuations is not null)
        {
            foreach (DeliveryContinuation continuation in continuations)
            {
                continuation.Schedule();
            }
        }

        return true;
    }

    /// <summary>Lets those go on who wait for <see cref="Settled"/>. Called once the tracker does not name the delivery any more.</summary>
    public void Settle()
    {
        lock (_gate)
        {
            _settled?.TrySetResult();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) =>
        !_isEnded ? ValueTaskSourceStatus.Pending
        : OutcomeOf(_awaited[token].Index).Outcome.Fault is null ? ValueTaskSourceStatus.Succeeded
        : ValueTaskSourceStatus.Faulted;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var wanted = new DeliveryContinuation(continuation, state, flags);
        lock (_gate)
        {
            // Who awaits records one after the other waits for one at a time.
            if (!_isEnded && _firstContinuation is null)
            {
                _firstContinuation = wanted;
                return;
            }

            if (!_isEnded)
            {
                (_continuations ??= []).Add(wanted);
                return;
            }
        }

        wanted.Schedule();
    }

    public DeliveryResult GetResult(short token)
    {
        if (!_isEnded)
        {
            throw new InvalidOperationException("The delivery has not ended; await it.");
        }

        return ReadOutcome(token, out DeliveryResult result) is { } fault ? throw fault.ToException() : result;
    }

    /// <summary>Once it has ended: where an awaited record is stored, or why it is not.</summary>
    public DeliveryFault? ReadOutcome(short token, out DeliveryResult result)
    {
        (int index, long timestamp) = _awaited[token];
        return ReadOutcome(index, timestamp, out result);
    }

    /// <summary>Once it has ended: where a record is stored, or why it is not.</summary>
    /// <param name="index">Its place among all that were added.</param>
    /// <param name="timestamp">Its own time.</param>
    /// <param name="result">Where it is stored.</param>
    /// <returns>The fault; null if it is stored.</returns>
    public DeliveryFault? ReadOutcome(int index, long timestamp, out DeliveryResult result)
    {
        (int firstIndex, DeliveryOutcome outcome) = OutcomeOf(index);
        long offset = outcome.BaseOffset < 0 ? -1 : outcome.BaseOffset + (index - firstIndex);
        long time = outcome.LogAppendTime < 0 ? timestamp : outcome.LogAppendTime;
        result = outcome.Fault is null ? new DeliveryResult(Partition.Topic, Partition.Partition, offset, DateTimeOffset.FromUnixTimeMilliseconds(time)) : default;
        return outcome.Fault;
    }

    private (int FirstIndex, DeliveryOutcome Outcome) OutcomeOf(int index)
    {
        if (_outcomes.Count == 1)
        {
            return _outcomes[0];
        }

        // Parts end in any order.
        (int FirstIndex, DeliveryOutcome Outcome) found = (-1, default);
        foreach ((int FirstIndex, DeliveryOutcome Outcome) part in _outcomes)
        {
            if (part.FirstIndex <= index && part.FirstIndex > found.FirstIndex)
            {
                found = part;
            }
        }

        return found;
    }
}
