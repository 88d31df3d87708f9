using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Carries out what fetch answers and failed fetches mean: records go to the reader, positions move, partitions wait or stop.</summary>
internal sealed class FetchLanding
{
    private readonly KafkaCluster _cluster;
    private readonly ConsumerOptions _options;
    private readonly FetchState _state;
    private readonly ConsumerClock _clock;
    private readonly ILogger _log;

    public FetchLanding(KafkaCluster cluster, ConsumerOptions options, FetchState state, ConsumerClock clock, ILogger log)
    {
        _cluster = cluster;
        _options = options;
        _state = state;
        _clock = clock;
        _log = log;
    }

    /// <summary>Takes in what a broker said of one partition.</summary>
    public void Take(in FetchTarget target, FetchResponse.PartitionData answer, SharedResponse response)
    {
        _state.Note(target, new FetchOutcome(_clock.Time.GetUtcNow(), response.BrokerId, answer.ErrorCode, answer.Records?.Length ?? 0));
        FetchVerdict verdict = FetchVerdict.Of(answer, target.Position.Offset);
        if (answer.ErrorCode == ErrorCode.None)
        {
            FollowPreferredReplica(target, answer.PreferredReadReplica);
        }

        switch (verdict.Action)
        {
            case FetchAction.None:
                _state.Advance(target, answer.HighWatermark);
                break;
            case FetchAction.Read:
                _state.Add(new FetchedRecords(target, answer, response), target, verdict);
                break;
            case FetchAction.AskAgain:
                Delay([target], needsMetadata: false);
                break;
            default:
                TakeRefusal(response.BrokerId, target, verdict, answer.ErrorCode);
                ApplyLeaderHint(target.State.Partition, answer, response.Response);
                break;
        }
    }

    /// <summary>Takes in where a broker says that epochs ended, of which partitions were asked about.</summary>
    public void Take(int brokerId, List<FetchTarget> targets, OffsetForLeaderEpochResponse response)
    {
        var answers = response.Topics.SelectMany(t => t.Partitions, (t, p) => (Partition: new TopicPartition(t.Topic, p.Partition), Answer: p)).ToLookup(a => a.Partition, a => a.Answer);
        foreach (FetchTarget target in targets)
        {
            OffsetForLeaderEpochResponse.EpochEndOffset answer = answers[target.State.Partition].FirstOrDefault()
                ?? new OffsetForLeaderEpochResponse.EpochEndOffset { ErrorCode = ErrorCode.UnknownServerError };
            FetchVerdict verdict = EpochCheck.Read(answer, target.Position.Offset);
            if (verdict.Action == FetchAction.None)
            {
                _state.With(_ => Subscription.Confirm(target));
            }
            else
            {
                TakeRefusal(brokerId, target, verdict, answer.ErrorCode);
            }
        }
    }

    /// <summary>A request failed as a whole; all that it asked for is asked again, maybe of another broker.</summary>
    public void BrokerFailed(int brokerId, FetchPlan plan, KafkaException failure)
    {
        // An answer that cannot be taken, such as one above MaxResponseSize, would come again: the user must know.
        bool isPoisoned = failure is PoisonedConnectionException || failure.InnerException is PoisonedConnectionException;
        if (isPoisoned || !failure.IsRetriable)
        {
            plan.Targets.ForEach(t => _state.Fail(t, failure));
            return;
        }

        Log.FetchFailed(_log, brokerId, failure.Message);
        Delay(plan.Targets, needsMetadata: true);
    }

    /// <summary>An answer failed as a whole. Mostly the session has ended, which is no harm; else nothing that was asked for can be read.</summary>
    public void SessionEnded(int brokerId, FetchPlan plan, ErrorCode error)
    {
        Log.SessionEnded(_log, brokerId, error);
        if (FetchErrors.Decide(error) == FetchAction.Fail)
        {
            plan.Targets.ForEach(t => _state.Fail(t, FetchErrors.Exception(t.State.Partition, error)));
        }
    }

    private void TakeRefusal(int brokerId, in FetchTarget target, in FetchVerdict verdict, ErrorCode error)
    {
        switch (verdict.Action)
        {
            case FetchAction.CutBack:
                CutBack(target, verdict.NextOffset);
                break;
            case FetchAction.OutOfRange:
                TakeOutOfRange(target);
                break;
            case FetchAction.Fail:
                _state.Fail(target, FetchErrors.Exception(target.State.Partition, error));
                break;
            default:
                Log.PartitionFailed(_log, target.State.Partition, brokerId, error);
                Delay([target], needsMetadata: verdict.Action == FetchAction.RefreshMetadata);
                break;
        }
    }

    private void FollowPreferredReplica(FetchTarget target, int replica)
    {
        if (replica >= 0 && replica != target.State.BrokerId)
        {
            TimeSpan until = _clock.Now + _cluster.Options.MetadataMaxAge;
            _state.With(_ => Subscription.ReadFrom(target, replica, until));
            _state.Changed.Set();
        }
    }

    private void TakeOutOfRange(FetchTarget target)
    {
        TimeSpan now = _clock.Now;
        TopicPartition partition = target.State.Partition;
        long offset = target.Position.Offset;
        switch (_state.With(s => target.IsCurrent ? s.OutOfRange(target, now) : OutOfRangeStep.Wait))
        {
            case OutOfRangeStep.Fail:
                string message = $"{partition}: offset {offset} is not in the log: retention has removed it, or the log ends before it. Seek to where reading is to go on.";
                _state.Fail(target, new OffsetOutOfRangeException(partition, offset, message));
                break;
            case OutOfRangeStep.Reset:
                Log.OutOfRange(_log, partition, offset, target.State.Start.ToString());
                break;
            default:
                break;
        }

        // It goes on elsewhere: at another offset, or at the leader if a follower did not have it.
        _state.Changed.Set();
    }

    /// <summary>The log has lost records that were fetched, by an unclean election (KIP-320): reading goes back to where the logs agree.</summary>
    private void CutBack(in FetchTarget target, long endOffset)
    {
        TopicPartition partition = target.State.Partition;
        if (!target.IsCurrent)
        {
            return;
        }

        if (_options.OutOfRange is null)
        {
            string message = $"{partition}: the log was cut back to offset {endOffset} by an unclean leader election. Seek to where reading is to go on.";
            _state.Fail(target, new OffsetOutOfRangeException(partition, target.Position.Offset, message));
            return;
        }

        Log.Truncated(_log, partition, endOffset);
        _state.CutBack(target, endOffset);
    }

    private void ApplyLeaderHint(TopicPartition partition, FetchResponse.PartitionData answer, FetchResponse response)
    {
        int leader = answer.CurrentLeader.LeaderId;
        if (leader >= 0)
        {
            BrokerEndpoint? endpoint = response.NodeEndpoints
                .Where(n => n.NodeId == leader)
                .Select(n => new BrokerEndpoint(n.NodeId, n.Host, n.Port, n.Rack))
                .FirstOrDefault();
            _cluster.Metadata.ApplyLeader(partition, leader, answer.CurrentLeader.LeaderEpoch, endpoint);
        }
    }

    private void Delay(List<FetchTarget> targets, bool needsMetadata)
    {
        TimeSpan now = _clock.Now;
        _state.With(subscription =>
        {
            foreach (FetchTarget target in targets.Where(t => t.IsCurrent))
            {
                subscription.Delay(target, needsMetadata, now);
            }
        });

        // Whoever reads from them next, such as the leader after a follower has failed, may sleep.
        _state.Changed.Set();
    }
}
