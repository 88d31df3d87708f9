using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A consumer that reads, finishes, seeks and commits, its membership and its coordinator, and all that may go wrong between them: one thing after the other, by a seed.</summary>
internal sealed class CommitSimulation
{
    private static readonly TopicPartition[] All = [.. Enumerable.Range(0, 4).Select(p => new TopicPartition("t", p))];
    private static readonly ErrorCode[] Codes = [.. Enum.GetValues<ErrorCode>().Where(e => e != ErrorCode.None)];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CommitQueue _queue = new();
    private readonly SimulatedWork _work = new();
    private readonly Dictionary<TopicPartition, long> _stored = [];
    private readonly FetchState _state;
    private readonly Random _random;
    private readonly bool _isMember;
    private CommitGate _gate;
    private int _generation;
    private int _coordinatorGeneration;
    private TopicPartition[] _revoking = [];
    private int? _lastCall;
    private TimeSpan _now;
    private bool _isCommitting;
    private CommitStep.Send? _sent;
    private Dictionary<TopicPartition, Answer<bool>>? _answers;
    private ErrorCode _planned;

    /// <param name="isMember">Whether the group gives the partitions, or they are assigned by hand.</param>
    /// <param name="seed">What happens.</param>
    public CommitSimulation(bool isMember, int seed)
    {
        _isMember = isMember;
        _random = new Random(seed);
        Oracle = new CommitOracle(isMember);
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), _random);
        _state = new FetchState(new Subscription(new ConsumerOptions(), backoff), new ManualTimeProvider());
        _state.BeginWork(_work);
        _gate = isMember ? CommitGate.Open : CommitGate.Closing;
        Assign(All);
    }

    public CommitOracle Oracle { get; }

    private CommitStanding Standing => new(_gate, new GroupIdentity("g", _isMember ? "m" : "", _generation, null), Task.CompletedTask);

    private TopicPartition[] Owned => [.. All.Where(Oracle.Owns)];

    /// <summary>Lets everything happen that can, then lets the consumer finish and commit in peace.</summary>
    public void Storm(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Disturb();
            Commit();
        }

        Calm();
    }

    private void Disturb()
    {
        switch (_random.Next(20))
        {
            case < 4:
                Read();
                break;
            case < 7:
                FinishOne(_random.Next(20) > 0);
                break;
            case < 9:
                CommitByHand();
                break;
            case 9:
                CommitFinished(null);
                break;
            case 10:
                Seek();
                break;
            case 11:
                Pause(_random.Next(2) == 0);
                break;
            case 12 or 13:
                MoveMembership();
                break;
            case 14:
                _now += TimeSpan.FromSeconds(_random.Next(_random.Next(4) == 0 ? 70 : 3));
                break;
            case 15:
                _planned = _random.Next(2) == 0 ? CommitOracle.Refusals[_random.Next(CommitOracle.Refusals.Length)] : Codes[_random.Next(Codes.Length)];
                break;
            default:
                Answer(mayThrow: true);
                break;
        }
    }

    /// <summary>Records of a partition are handed out.</summary>
    private void Read()
    {
        TopicPartition partition = All[_random.Next(All.Length)];
        _state.With(s =>
        {
            if (s.Find(partition) is { Phase: PartitionPhase.Fetching, IsDormant: false } state)
            {
                for (int i = _random.Next(4); i >= 0; i--)
                {
                    long offset = state.Position + (_random.Next(5) == 0 ? _random.Next(10) : 0);
                    _work.Begin(state, offset, Oracle.Read(partition, offset));
                    state.Interrupt(offset + 1);
                    state.Finished = offset + 1;
                }
            }
        });
    }

    private void FinishOne(bool isFinished)
    {
        if (_work.Running > 0)
        {
            _work.End(_random.Next(_work.Running), isFinished);
        }
    }

    /// <summary>Of some partitions a record that was handed out, mostly one that is finished, sometimes of partitions that are another's.</summary>
    private void CommitByHand()
    {
        IEnumerable<TopicPartition> some = All.Where(_ => _random.Next(3) == 0);
        if (_random.Next(5) > 0)
        {
            some = some.Where(Oracle.Owns);
        }

        PartitionOffset[] offsets = [.. some.Select(p => new PartitionOffset(p, !Oracle.Owns(p) ? _random.Next(50) : _random.Next(10) switch
        {
            0 => Oracle.PassedUpTo(p),
            1 => Math.Max(0, Oracle.FinishedUpTo(p) - _random.Next(5)),
            _ => Oracle.FinishedUpTo(p),
        }))];
        Ask(isStrict: true, Limit, () => [.. offsets.Select(_state.Enter)]);
    }

    private int CommitFinished(IReadOnlyCollection<TopicPartition>? among) =>
        Ask(isStrict: false, _random.Next(3) == 0 ? Limit / 4 : Limit, () => _state.Uncommitted(among));

    private int Ask(bool isStrict, TimeSpan limit, Func<List<CommitEntry>> entries)
    {
        List<CommitEntry> what = entries();
        int number = Oracle.Asked(isStrict, _now + limit, what.Select(e => e.Offset));
        var commit = new PendingCommit { Entries = what, IsStrict = isStrict, Deadline = _now + limit, Ended = failure => Oracle.End(number, failure, _gate, _now) };
        bool isFirst = _queue.Add(commit);
        Assert.That(isFirst, Is.EqualTo(!_isCommitting), "somebody carries out what is to be done, and nobody else");
        _isCommitting = true;
        return number;
    }

    private void Seek()
    {
        TopicPartition[] owned = Owned;
        if (owned.Length > 0)
        {
            TopicPartition partition = owned[_random.Next(owned.Length)];
            long offset = Math.Max(0, Oracle.PassedUpTo(partition) - _random.Next(8));
            _state.Seek(partition, StartPosition.At(offset));
            Oracle.Seek(partition, offset);
            Place();
        }
    }

    private void Pause(bool isPaused) => _state.Pause([.. Owned.Where(_ => _random.Next(2) == 0)], isPaused);

    /// <summary>The shell's part: one request at a time.</summary>
    private void Commit()
    {
        if (!_isCommitting || _sent is not null)
        {
            return;
        }

        switch (_state.With(s => _queue.Next(s, _isMember, Standing, _now)))
        {
            case CommitStep.Send send:
                Oracle.Sent(send, Standing);
                _sent = send;
                break;
            case CommitStep.Wait wait:
                Assert.That(_gate, Is.EqualTo(CommitGate.Waiting), "there is nothing to wait for");
                Assert.That(wait.Until, Is.GreaterThan(_now));
                break;
            default:
                Assert.That(Oracle.Ended, Is.EqualTo(Oracle.Asks), "nothing more is done, and a caller waits");
                _isCommitting = false;
                break;
        }
    }

    /// <summary>The request arrives, if it has not; else its answer comes back.</summary>
    private void Answer(bool mayThrow)
    {
        if (_sent is not { } send)
        {
            return;
        }

        if (mayThrow && _answers is null && _random.Next(40) == 0)
        {
            var disposed = new ObjectDisposedException("client");
            Oracle.Threw(disposed);
            _sent = null;
            _queue.Failed(disposed);
        }
        else if (_answers is null)
        {
            _answers = Serve(send);
        }
        else
        {
            Take(send, _answers);
        }
    }

    private void Take(CommitStep.Send send, Dictionary<TopicPartition, Answer<bool>> answers)
    {
        (_sent, _answers) = (null, null);
        foreach ((TopicPartition partition, Answer<bool> answer) in answers)
        {
            Oracle.Answered(partition, answer.Failure, send.Standing.Gate);
        }

        CommitOutcome outcome = _state.With(_ => _queue.Answered(answers));
        Assert.That(outcome.Stored.Select(o => o.Partition), Is.EquivalentTo(answers.Where(a => a.Value.Failure is null).Select(a => a.Key)));
        if (outcome.Refusal != ErrorCode.None && _isMember && send.Standing.Identity == Standing.Identity && _gate != CommitGate.Closed)
        {
            _gate = outcome.Refusal is ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration or ErrorCode.StaleMemberEpoch ? CommitGate.Waiting : CommitGate.Closed;
        }
    }

    /// <summary>What the coordinator does with a request.</summary>
    /// <returns>Its last word as the driver tells it; null if the driver asks again.</returns>
    private Dictionary<TopicPartition, Answer<bool>>? Serve(CommitStep.Send send)
    {
        ErrorCode code = send.Standing.Identity.Generation == _coordinatorGeneration ? _planned : ErrorCode.IllegalGeneration;
        bool isWhole = code == ErrorCode.IllegalGeneration || _random.Next(2) == 0;
        _planned = ErrorCode.None;
        var failure = new KafkaException(code, "refused");
        if (code != ErrorCode.None && !IsFinal(code))
        {
            // The driver asks again until its time is over.
            if (_random.Next(3) > 0)
            {
                if (_random.Next(2) == 0)
                {
                    // Only the answer was lost.
                    Store(send.Entries);
                }

                return null;
            }

            _now = _now > send.Until ? _now : send.Until;
            failure = new OperationTimeoutException(code, "late");
        }

        var answers = new Dictionary<TopicPartition, Answer<bool>>();
        foreach (CommitEntry entry in send.Entries)
        {
            bool isTaken = code == ErrorCode.None || (!isWhole && _random.Next(2) == 0);
            if (isTaken || (failure is OperationTimeoutException && _random.Next(2) == 0))
            {
                Store([entry]);
            }

            answers[entry.Offset.Partition] = isTaken ? Answer<bool>.Of(true) : Answer<bool>.Failed(failure);
        }

        return answers;
    }

    private void Store(IReadOnlyList<CommitEntry> entries)
    {
        foreach (PartitionOffset offset in entries.Select(e => e.Offset))
        {
            Oracle.Stored(offset.Partition);
            _stored[offset.Partition] = offset.Offset;
        }
    }

    private static bool IsFinal(ErrorCode code)
    {
        // It asks twice about a topic that is not there.
        var operation = new OffsetCommitOperation(GroupIdentity.Outsider("g"), null!, []);
        operation.Decide(code);
        return operation.Decide(code) is RecoveryAction.Fail or RecoveryAction.Fatal or RecoveryAction.Rejoin;
    }

    private void MoveMembership()
    {
        if (!_isMember)
        {
            Assign([.. All.Where(_ => _random.Next(3) > 0)]);
            return;
        }

        switch (_gate)
        {
            case CommitGate.Open:
                Rebalance();
                break;
            case CommitGate.Closing when _lastCall is null:
                // The user may still finish what he has, or run out of time.
                if (!_state.IsInHand(_revoking) || _random.Next(4) == 0)
                {
                    _state.Abandon(_revoking);
                    _lastCall = CommitFinished(_revoking);
                }

                break;
            case CommitGate.Closing when Oracle.Ended > _lastCall || _random.Next(4) == 0:
                Remove(_revoking);
                _coordinatorGeneration++;
                _gate = CommitGate.Waiting;
                break;
            case CommitGate.Closed:
                Remove(Owned);
                Join();
                break;
            case CommitGate.Waiting:
                Remove([.. _revoking, .. Owned.Where(_ => _random.Next(5) == 0)]);
                Join();
                break;
            default:
                break;
        }
    }

    private void Rebalance()
    {
        _lastCall = null;
        switch (_random.Next(4))
        {
            case 0:
                _revoking = [.. Owned.Where(_ => _random.Next(2) == 0)];
                _state.BeginRevoke(_revoking);
                _gate = CommitGate.Closing;
                break;
            case 1:
                _coordinatorGeneration++;
                _gate = CommitGate.Waiting;
                break;
            case 2:
                // Given up by the coordinator; the member hears of it later, or by a commit that is refused.
                _coordinatorGeneration++;
                break;
            default:
                _coordinatorGeneration++;
                _gate = CommitGate.Closed;
                break;
        }
    }

    private void Join()
    {
        _generation = _coordinatorGeneration;
        _gate = CommitGate.Open;
        TopicPartition[] given = [.. All.Where(p => !Oracle.Owns(p) && _random.Next(3) > 0)];
        _state.Add(given);
        _state.Release(given);
        foreach (TopicPartition partition in given)
        {
            Oracle.Take(partition, _stored.GetValueOrDefault(partition), _stored.ContainsKey(partition));
        }

        Place();
    }

    private void Remove(TopicPartition[] partitions)
    {
        _revoking = [];
        _state.Remove(partitions);
        foreach (TopicPartition partition in partitions.Where(Oracle.Owns))
        {
            Oracle.Lose(partition);
            if (_random.Next(2) == 0)
            {
                // Another has it for a while.
                _stored[partition] = _stored.GetValueOrDefault(partition) + _random.Next(10);
            }
        }
    }

    private void Assign(TopicPartition[] partitions)
    {
        // Who asks for the committed offset while he commits cannot know what he gets.
        bool isCommitted = !_isCommitting && _random.Next(2) == 0;
        Owned.ToList().ForEach(Oracle.Lose);
        _state.Assign([.. partitions.Select(p => new PartitionStart(p, isCommitted ? StartPosition.Committed : StartPosition.At(0)))]);
        foreach (TopicPartition partition in partitions)
        {
            Oracle.Take(partition, isCommitted ? _stored.GetValueOrDefault(partition) : 0, isCommitted && _stored.ContainsKey(partition));
        }

        Place();
    }

    private void Place()
    {
        foreach (PlacementOrder order in _state.With(s => s.TakeUnplaced()))
        {
            TopicPartition partition = order.State.Partition;
            bool isCommitted = order.Start.Kind == StartKind.Committed && _stored.ContainsKey(partition);
            long offset = order.Start.Kind == StartKind.Offset ? order.Start.Value : _stored.GetValueOrDefault(partition);
            _state.Place(order, Answer<FoundOffset>.Of(new FoundOffset(offset, -1, -1, isCommitted)));
        }
    }

    /// <summary>Nothing goes wrong any more, the user finishes all that he has, and the consumer commits for the last time.</summary>
    private void Calm()
    {
        Settle();
        Pause(isPaused: false);
        while (_work.Running > 0)
        {
            FinishOne(isFinished: true);
        }

        CommitFinished(null);
        Settle();
        foreach (TopicPartition partition in Owned)
        {
            // More only by hand: what he has in hand, or had before he went back.
            Assert.That(_stored.GetValueOrDefault(partition), Is.GreaterThanOrEqualTo(Oracle.FinishedUpTo(partition)), $"{partition} is not committed up to where it is finished");
        }
    }

    private void Settle()
    {
        for (int i = 0; i < 1000 && (_isCommitting || (_isMember && (_gate != CommitGate.Open || _generation != _coordinatorGeneration))); i++)
        {
            _planned = ErrorCode.None;
            if (_isMember && _gate != CommitGate.Open)
            {
                MoveMembership();
            }
            else if (_isMember && _generation != _coordinatorGeneration)
            {
                _gate = CommitGate.Waiting;
            }

            Answer(mayThrow: false);
            Commit();
        }

        Assert.That(_isCommitting, Is.False, "somebody still waits");
    }
}
