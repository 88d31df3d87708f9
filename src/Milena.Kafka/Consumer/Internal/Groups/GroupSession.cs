using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Runs a membership: does what it says, brings back what came of it, and keeps its loops going independently of the user's code.</summary>
internal sealed class GroupSession : ICommitStanding
{
    private readonly Lock _gate = new();
    private readonly Wakeup _moved = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaCluster _cluster;
    private readonly FetchEngine _engine;
    private readonly ConsumerOptions _options;
    private readonly IGroupMembership _membership;
    private readonly Reconciler _reconciler;
    private readonly TopicWatch _topics;
    private readonly CoordinatorKey _key;
    private readonly ILogger _log;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _step;
    private bool _isOpen;
    private bool _isClosing;
    private bool _hasAsked;

    public GroupSession(KafkaCluster cluster, FetchEngine engine, ConsumerOptions options, IGroupMembership membership, ILogger log)
    {
        _cluster = cluster;
        _engine = engine;
        _options = options;
        _membership = membership;
        _log = log;
        _key = new CoordinatorKey(CoordinatorKeyType.Group, options.GroupId!);
        Committer = new OffsetCommitter(cluster, engine.State, this);
        _reconciler = new Reconciler(engine, options, this, log);
        _topics = new TopicWatch(cluster, engine, options, this, log);
        engine.Offsets.Standing = this;
    }

    public OffsetCommitter Committer { get; }

    public bool IsMember => true;

    /// <summary>Where the membership stands.</summary>
    public string State
    {
        get
        {
            lock (_gate)
            {
                return _membership.StateName;
            }
        }
    }

    /// <summary>Set off when what is being processed is not this consumer's any more.</summary>
    public CancellationToken ProcessingToken => _reconciler.ProcessingToken;

    /// <summary>The user is late for the next record; called once, when it is too late.</summary>
    public Action<TimeSpan>? PollExceeded { get; set; }

    public CommitStanding Standing
    {
        get
        {
            lock (_gate)
            {
                return new CommitStanding(_membership.CommitGate, _membership.Identity, _changed.Task);
            }
        }
    }

    public void Refused(ErrorCode error, GroupIdentity identity) => With(m => m.CommitRefused(error, identity, _engine.Now));

    /// <summary>The user reads: joins, or joins again if the group had refused the consumer.</summary>
    public void Open()
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_isOpen && !_isClosing;
            _isOpen |= isFirst;
        }

        if (isFirst)
        {
            _engine.Run(MembershipLoopAsync);
            _engine.Run(ReconcileLoopAsync);
            _engine.Run(_topics.RunAsync);
            _engine.Run(PollLoopAsync);
            if (_options.AutoCommit == AutoCommitMode.AtLeastOnce)
            {
                _engine.Run(CommitLoopAsync);
            }
        }

        With(m => m.Resume());
    }

    /// <summary>Runs a decision of the membership under the lock, and lets all who wait for one look again.</summary>
    public void With(Action<IGroupMembership> decide)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            decide(_membership);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Tell();
        }

        changed.SetResult();
        _moved.Set();
        _reconciler.Moved.Set();
    }

    /// <summary>Gives up all partitions and leaves, in bounded time: the end of a rebalance, the last commit and the listener may take a quarter of it each, so that some is left to leave.</summary>
    public async Task CloseAsync()
    {
        TimeSpan deadline = _engine.Now + _options.CloseTimeout;
        await EndRebalanceAsync(_options.CloseTimeout / 4).ConfigureAwait(false);
        _reconciler.HurryUp(_options.CloseTimeout / 4);
        CancellationTokenSource? step = null;
        bool isOpen = false;
        With(m =>
        {
            _isClosing = true;
            m.Close();
            (step, isOpen) = (_step, _isOpen);
        });
        if (!isOpen)
        {
            return;
        }

        if (step is not null)
        {
            await CancelAsync(step).ConfigureAwait(false);
        }

        try
        {
            TimeSpan left = deadline - _engine.Now;
            await _ended.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _engine.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.CloseTimedOut(_log, _options.GroupId!, _options.CloseTimeout);
        }
    }

    /// <summary>A member that keeps partitions through a rebalance cannot commit before it is over; left in the middle of it, what is finished would come again elsewhere.</summary>
    private async Task EndRebalanceAsync(TimeSpan patience)
    {
        long started = _engine.Time.GetTimestamp();
        while (Standing is { Gate: CommitGate.Waiting } standing && _engine.State.Assignment.Count > 0)
        {
            TimeSpan left = patience - _engine.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await standing.Changed.WaitAsync(left, _engine.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task CancelAsync(CancellationTokenSource step)
    {
        try
        {
            await step.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The step has just ended by itself.
        }
    }

    private async Task MembershipLoopAsync(CancellationToken cancellationToken)
    {
        try
        {
            GroupStep step;
            while ((step = NextStep()) is not GroupStep.End)
            {
                await DoAsync(step, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private GroupStep NextStep()
    {
        lock (_gate)
        {
            GroupStep step = _membership.Next(_engine.Now);
            Tell();
            return step;
        }
    }

    private void Tell()
    {
        if (_membership.TakeNote() is { } note)
        {
            Log.MembershipNote(_log, _options.GroupId!, note);
        }

        if (_membership.TakeRebalance() is { } cause)
        {
            _engine.Metrics.Rebalanced(cause.Tag());
        }
    }

    private async Task DoAsync(GroupStep step, CancellationToken closing)
    {
        // What Next decided without an answer may be a change of ownership.
        _reconciler.Moved.Set();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(closing);
        CancellationToken cancellationToken = cancel.Token;
        lock (_gate)
        {
            // What is asked from the closing on leads out of the group and is worth waiting for.
            _step = _isClosing || step is GroupStep.Wait ? null : cancel;
        }

        try
        {
            switch (step)
            {
                case GroupStep.Wait wait:
                    TimeSpan pause = wait.Until is { } until ? until - _engine.Now : Timeout.InfiniteTimeSpan;
                    await _moved.WaitAsync(pause < TimeSpan.Zero && wait.Until is not null ? TimeSpan.Zero : pause, _engine.Time, cancellationToken).ConfigureAwait(false);
                    break;
                case GroupStep.FindCoordinator:
                    await FindCoordinatorAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case GroupStep.DescribeTopics describe:
                    IReadOnlyDictionary<string, AssignableTopic> topics = await _topics.DescribeAsync(describe.Topics, cancellationToken).ConfigureAwait(false);
                    With(m => m.TopicsDescribed(topics));
                    break;
                case GroupStep.FindTopics find:
                    _engine.Run(token => _topics.FindAsync(find.Ids, token));
                    break;
                case GroupStep.Call call:
                    await CallAsync(call, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    break;
            }
        }
        catch (KafkaException failure)
        {
            Log.CoordinatorFailed(_log, _options.GroupId!, failure.Message);
            With(m => m.Failed(failure, _engine.Now));
        }
        catch (OperationCanceledException) when (!closing.IsCancellationRequested)
        {
            With(m => m.Cancelled());
        }
        finally
        {
            lock (_gate)
            {
                _step = null;
            }
        }
    }

    private async Task FindCoordinatorAsync(CancellationToken cancellationToken)
    {
        if (_hasAsked)
        {
            _cluster.Coordinators.Forget(_key);
        }

        _hasAsked = true;
        try
        {
            BrokerEndpoint coordinator = await _cluster.Driver.CoordinatorOfAsync(_key, cancellationToken).ConfigureAwait(false);
            With(m => m.CoordinatorFound(coordinator.Id));
        }
        catch (AuthorizationException denied)
        {
            // In the words that later steps have for it.
            throw ClassicErrors.Exception(_options.GroupId!, denied.Code);
        }
    }

    private async Task CallAsync(GroupStep.Call call, CancellationToken cancellationToken)
    {
        Connection connection = await _engine.Pool.GetAsync(call.BrokerId, ConnectionPurpose.Coordination, cancellationToken).ConfigureAwait(false);
        try
        {
            Action<TimeSpan> answer = await call.Request.SendAsync(connection, cancellationToken).ConfigureAwait(false);
            With(_ => answer(_engine.Now));
        }
        catch (OperationCanceledException)
        {
            // The broker answers in order; what comes next must not wait behind this.
            connection.Abort("The consumer closes.");
            throw;
        }
    }

    private async Task ReconcileLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Reconciliation? change;
            lock (_gate)
            {
                change = _membership.TakeReconciliation();
                if (change is null && _membership.TakeFault() is { } fault)
                {
                    // Only now: whoever sees the loop end may rely on the listener having been told what was lost with it.
                    Log.GroupFault(_log, _options.GroupId!, fault);
                    _engine.State.Tell(fault);
                }
            }

            if (change is null)
            {
                await _reconciler.Moved.WaitAsync(Timeout.InfiniteTimeSpan, _engine.Time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            await _reconciler.CarryOutAsync(change, cancellationToken).ConfigureAwait(false);
            With(m => m.Reconciled());
        }
    }

    private async Task PollLoopAsync(CancellationToken cancellationToken)
    {
        var watch = new PollWatch(_options.MaxPollInterval);
        TimeSpan period = _options.MaxPollInterval / 30;
        while (true)
        {
            (bool isWaiting, long progress) = _engine.State.Reader;
            switch (watch.Look(_engine.Now, isWaiting, progress))
            {
                case PollVerdict.Late:
                    Log.PollIsLate(_log, _options.GroupId!, watch.Busy, _options.MaxPollInterval);
                    break;
                case PollVerdict.Exceeded:
                    Log.PollExceeded(_log, _options.GroupId!, watch.Busy);
                    _engine.State.IsAway = true;
                    With(m => m.PollExceeded());
                    PollExceeded?.Invoke(watch.Busy);
                    break;
                case PollVerdict.CameBack:
                    _engine.State.IsAway = false;
                    With(m => m.Resume());
                    break;
                default:
                    break;
            }

            await _engine.State.CameBack.WaitAsync(period, _engine.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CommitLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_options.AutoCommitInterval, _engine.Time, cancellationToken).ConfigureAwait(false);
            try
            {
                await Committer.CommitFinishedAsync(null, _cluster.Options.ApiTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException failure)
            {
                Log.CommitFailed(_log, _options.GroupId!, failure.Message);
            }
        }
    }
}
