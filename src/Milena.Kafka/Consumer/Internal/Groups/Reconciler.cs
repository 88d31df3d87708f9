using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Carries out changes of ownership: lets the user finish, commits, tells the rebalance listener, and gives partitions to the fetchers or takes them.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Users may look at the tokens after the consumer's end; the one timer is set when it ends.")]
internal sealed class Reconciler
{
    private readonly Lock _gate = new();
    private readonly FetchEngine _engine;
    private readonly ConsumerOptions _options;
    private readonly GroupSession _session;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _hurry;
    private CancellationTokenSource _processing = new();
    private TimeSpan _closeLimit;
    private volatile bool _isClosing;

    public Reconciler(FetchEngine engine, ConsumerOptions options, GroupSession session, ILogger log)
    {
        _engine = engine;
        _options = options;
        _session = session;
        _log = log;
        _hurry = new CancellationTokenSource(Timeout.InfiniteTimeSpan, engine.Time);
    }

    /// <summary>Set when there may be a change to carry out.</summary>
    public Wakeup Moved { get; } = new();

    /// <summary>Set off when what is being processed is not this consumer's any more; then there is a new one.</summary>
    public CancellationToken ProcessingToken
    {
        get
        {
            lock (_gate)
            {
                return _processing.Token;
            }
        }
    }

    private TimeSpan Limit => _options.EffectiveRebalanceTimeout;

    /// <summary>The consumer closes: records that are in the user's hands are not waited for, and the listener only for so long.</summary>
    public void HurryUp(TimeSpan limit)
    {
        _closeLimit = limit;
        _isClosing = true;
        _hurry.CancelAfter(limit);
        _engine.State.HandFreed.Set();
    }

    public async Task CarryOutAsync(Reconciliation change, CancellationToken cancellationToken)
    {
        Log.Reconciling(_log, _options.GroupId!, change.Kind, change.Partitions.Count, string.Join(", ", change.Partitions.Take(20)));
        switch (change.Kind)
        {
            case ReconciliationKind.Revoke:
                await RevokeAsync(change.Partitions, cancellationToken).ConfigureAwait(false);
                break;
            case ReconciliationKind.Lose:
                _engine.State.Remove(change.Partitions);
                await EndProcessingAsync().ConfigureAwait(false);
                await TellAsync(nameof(IRebalanceListener.OnLostAsync), (l, t) => l.OnLostAsync(change.Partitions, t), cancellationToken).ConfigureAwait(false);
                break;
            default:
                _engine.State.Add(change.Partitions);
                await TellAsync(nameof(IRebalanceListener.OnAssignedAsync), (l, t) => l.OnAssignedAsync(change.Partitions, t), cancellationToken).ConfigureAwait(false);
                _engine.State.Release(change.Partitions);
                break;
        }
    }

    private async Task RevokeAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        _engine.State.BeginRevoke(partitions);
        TimeSpan deadline = _engine.Now + Limit;
        while (_engine.State.IsInHand(partitions) && !_isClosing)
        {
            if (_engine.Now >= deadline)
            {
                Log.RevocationTimedOut(_log, _options.GroupId!, Limit);
                _engine.State.Abandon(partitions);
                await EndProcessingAsync().ConfigureAwait(false);
                break;
            }

            await _engine.State.HandFreed.WaitAsync(deadline - _engine.Now, _engine.Time, cancellationToken).ConfigureAwait(false);
        }

        if (_options.AutoCommit == AutoCommitMode.AtLeastOnce)
        {
            await CommitAsync(partitions, cancellationToken).ConfigureAwait(false);
        }

        await TellAsync(nameof(IRebalanceListener.OnRevokedAsync), (l, t) => l.OnRevokedAsync(partitions, t), cancellationToken).ConfigureAwait(false);
        _engine.State.Remove(partitions);
    }

    private async Task CommitAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan limit = _isClosing ? _closeLimit : Limit < _engine.Options.ApiTimeout ? Limit : _engine.Options.ApiTimeout;
            await _session.Committer.CommitFinishedAsync(partitions, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            Log.CommitFailed(_log, _options.GroupId!, failure.Message);
        }
    }

    private async Task TellAsync(string callback, Func<IRebalanceListener, CancellationToken, ValueTask> tell, CancellationToken cancellationToken)
    {
        if (_options.RebalanceListener is not { } listener)
        {
            return;
        }

        using var limit = new CancellationTokenSource(Limit, _engine.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry.Token, cancellationToken);
        CancellationToken token = any.Token;
        try
        {
            // On a thread of its own, so that one that blocks holds up nothing either.
            await Task.Run(() => tell(listener, token).AsTask(), CancellationToken.None).WaitAsync(token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            Log.ListenerTimedOut(_log, _options.GroupId!, callback, limit.IsCancellationRequested ? Limit : _closeLimit);
        }
        catch (Exception fault)
        {
            // The listener is the user's code and may throw anything; the group must not stop for it, and the user must learn of it.
            Log.ListenerFailed(_log, _options.GroupId!, callback, fault);
            _engine.State.Tell(new KafkaException($"The rebalance listener of group '{_options.GroupId}' failed in {callback}. {fault.Message} Reading on goes on.", fault));
        }
    }

    private async Task EndProcessingAsync()
    {
        CancellationTokenSource ended;
        lock (_gate)
        {
            ended = _processing;
            _processing = new CancellationTokenSource();
        }

        // Not disposed: users may still hold its token, and it has no timer.
        await ended.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
