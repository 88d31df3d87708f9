namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>How urgently a loop is to end: no further batch, then no further patience, then without the handler.</summary>
internal sealed class LoopTokens : IDisposable
{
    private static readonly TimeSpan LastCall = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _giveUp;
    private readonly CancellationTokenSource _abandon;
    private readonly TimeSpan _patience;

    /// <param name="patience">How long what was begun may take once the loop is stopped.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Set off when no further batch is to be begun.</param>
    public LoopTokens(TimeSpan patience, TimeProvider time, CancellationToken stopping)
    {
        Stopping = stopping;
        _patience = patience;
        _giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _abandon = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        GiveUp = _giveUp.Token;
        Abandon = _abandon.Token;
    }

    /// <summary>No further batch is to be begun.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>What was begun is to be given up.</summary>
    public CancellationToken GiveUp { get; }

    /// <summary>A handler that has not ended by now is left behind.</summary>
    public CancellationToken Abandon { get; }

    /// <summary>The loop was stopped: what was begun has so long and no longer.</summary>
    public void Limit()
    {
        _giveUp.CancelAfter(_patience);
        _abandon.CancelAfter(_patience + LastCall);
    }

    public void Dispose()
    {
        _giveUp.Dispose();
        _abandon.Dispose();
    }
}
