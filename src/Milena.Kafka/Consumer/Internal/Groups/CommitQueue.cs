using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>
/// Commits in the order in which they were asked for, one request at a time, so that none is overtaken by an older one. Decides only; guarded by the lock of the <see cref="FetchState"/>.
/// </summary>
internal sealed class CommitQueue
{
    private readonly Queue<PendingCommit> _commits = new();
    private CommitStep.Send? _sent;

    /// <summary>Puts a commit at the end.</summary>
    /// <returns>Whether it is the only one, so that somebody has to begin to do what <see cref="Next"/> says.</returns>
    public bool Add(PendingCommit commit)
    {
        _commits.Enqueue(commit);
        return _commits.Count == 1;
    }

    /// <summary>What to do now. Ends the commits for which there is nothing left to do.</summary>
    /// <param name="assigned">The partitions as they are.</param>
    /// <param name="isMember">Whether only assigned partitions can be committed.</param>
    /// <param name="standing">Whether and as whom one may commit.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null if there is none left.</returns>
    public CommitStep? Next(Subscription assigned, bool isMember, in CommitStanding standing, TimeSpan now)
    {
        while (_commits.TryPeek(out PendingCommit? commit))
        {
            commit.Failure ??= isMember && commit.IsStrict ? NotOwned(commit, assigned, standing) : null;
            if (!commit.IsStrict)
            {
                commit.Entries.RemoveAll(e => !IsNews(e));
            }

            commit.Failure ??= commit.Entries.Count > 0 ? Hindrance(commit, standing, now) : null;
            if (commit.Failure is null && commit.Entries.Count > 0)
            {
                // During a rebalance nothing is taken; when it has ended, the partitions may be gone.
                return standing.Gate == CommitGate.Waiting ? new CommitStep.Wait(commit.Deadline) : _sent = new CommitStep.Send(commit.Entries, standing, commit.Deadline);
            }

            _commits.Dequeue();
            commit.Ended(commit.Failure);
        }

        return null;
    }

    /// <summary>What was sent has been answered.</summary>
    public CommitOutcome Answered(IReadOnlyDictionary<TopicPartition, Answer<bool>> answers)
    {
        PendingCommit commit = _commits.Peek();
        CommitStanding standing = _sent?.Standing ?? throw new InvalidOperationException("Nothing was sent.");
        _sent = null;
        var stored = new List<PartitionOffset>();
        var refused = new List<CommitEntry>();
        ErrorCode refusal = ErrorCode.None;
        KafkaException? failure = null;
        foreach (CommitEntry entry in commit.Entries)
        {
            Answer<bool> answer = answers[entry.Offset.Partition];
            if (answer.Failure is null)
            {
                stored.Add(entry.Offset);
                Note(entry);
            }
            else if (IsRefusal(answer.Error))
            {
                refused.Add(entry);
                refusal = answer.Error;
            }
            else
            {
                failure ??= answer.Failure;
            }
        }

        commit.Entries = refused;
        commit.Refusal = refusal;
        commit.Failure = failure;
        if (refused.Count > 0 && (standing.Gate == CommitGate.Closing || refusal == ErrorCode.FencedInstanceId))
        {
            commit.Failure ??= Refused(standing, refusal, RefusalOf(refusal), refused);
        }

        return new CommitOutcome(stored, refusal, failure);
    }

    /// <summary>What was to be sent could not be.</summary>
    public void Failed(Exception failure) => _commits.Peek().Failure = failure;

    private static CommitRefusedException? NotOwned(PendingCommit commit, Subscription assigned, in CommitStanding standing)
    {
        // A partition that was lost and has come back counts as lost: its owner meanwhile may have committed further.
        List<CommitEntry> gone = commit.Entries.FindAll(e => e.State is null || assigned.Find(e.Offset.Partition) != e.State);
        return gone.Count > 0 ? Refused(standing, ErrorCode.None, CommitRefusal.NotOwned, gone) : null;
    }

    private static KafkaException? Hindrance(PendingCommit commit, in CommitStanding standing, TimeSpan now)
    {
        if (standing.Gate == CommitGate.Closed)
        {
            return Refused(standing, commit.Refusal, CommitRefusal.NotMember, commit.Entries);
        }

        if (now < commit.Deadline)
        {
            return null;
        }

        return standing.Gate == CommitGate.Waiting || commit.Refusal != ErrorCode.None
            ? Refused(standing, commit.Refusal, CommitRefusal.Rebalancing, commit.Entries)
            : new KafkaException($"The coordinator of group '{standing.Identity.GroupId}' has not answered the commits before this one in time.");
    }

    /// <summary>Whether the group does not know so far yet, as far as this consumer knows, and the partition has not gone or moved since.</summary>
    private static bool IsNews(CommitEntry entry) => entry.State is { } state && state.Move == entry.Move && state.LastCommitted < entry.Offset.Offset;

    private static void Note(in CommitEntry entry)
    {
        if (entry.State is { } state && state.Move == entry.Move)
        {
            state.LastCommitted = entry.Offset.Offset;
        }
    }

    private static bool IsRefusal(ErrorCode error) => error is
        ErrorCode.RebalanceInProgress or ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId or ErrorCode.StaleMemberEpoch or ErrorCode.FencedMemberEpoch
        or ErrorCode.GroupIdNotFound;

    private static CommitRefusal RefusalOf(ErrorCode error) => error switch
    {
        ErrorCode.FencedInstanceId => CommitRefusal.Fenced,
        ErrorCode.RebalanceInProgress => CommitRefusal.Rebalancing,
        _ => CommitRefusal.NotMember,
    };

    private static CommitRefusedException Refused(in CommitStanding standing, ErrorCode error, CommitRefusal refusal, List<CommitEntry> entries) =>
        new(standing.Identity.GroupId, error, refusal, [.. entries.Select(e => e.Offset.Partition)]);
}
