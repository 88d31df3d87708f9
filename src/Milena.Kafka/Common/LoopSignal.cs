using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Common;

/// <summary>Wakes one loop when any thread says so. Signals that come while the loop works are not lost, and count once.</summary>
/// <remarks>The state moves Idle to Set or Waiting to Idle by any thread, Set to Idle and Idle to Waiting by the loop alone.</remarks>
internal sealed class LoopSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int IsSet = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>Wakes the loop on a thread of the pool.</summary>
    public void Set() => Wake(inline: false);

    /// <summary>
    /// Lets a loop that waits go on within this call, up to its next wait: no thread has to be woken for it. Only for callers that hold no lock, and only
    /// where neither the loop nor the caller minds how long the other takes.
    /// </summary>
    public void SetInline() => Wake(inline: true);

    /// <summary>Loop only: whether there was a signal, which is used up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Idle, IsSet) == IsSet;

    /// <summary>Loop only: waits for a signal.</summary>
    public ValueTask WaitAsync()
    {
        if (TryTake())
        {
            return default;
        }

        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) != Idle)
        {
            Volatile.Write(ref _state, Idle);
            return default;
        }

        return new ValueTask(this, _core.Version);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public void GetResult(short token) => _core.GetResult(token);

    private void Wake(bool inline)
    {
        // What the caller changed before must be seen by a loop that this call finds set already.
        Interlocked.MemoryBarrier();
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case IsSet:
                    return;
                case Waiting when Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting:
                    // Whoever ended the wait is alone here until the loop has gone on.
                    _core.RunContinuationsAsynchronously = !inline;
                    _core.SetResult(true);
                    return;
                case Idle when Interlocked.CompareExchange(ref _state, IsSet, Idle) == Idle:
                    return;
                default:
                    continue;
            }
        }
    }
}
