using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Commits offsets one request after the other, in the order in which they were asked for, so that none is overtaken by an older one.</summary>
internal sealed class OffsetCommitter
{
    private readonly Lock _gate = new();
    private readonly KafkaCluster _cluster;
    private readonly FetchState _state;
    private readonly ICommitStanding _standing;
    private Task _last = Task.CompletedTask;

    public OffsetCommitter(KafkaCluster cluster, FetchState state, ICommitStanding standing)
    {
        _cluster = cluster;
        _state = state;
        _standing = standing;
    }

    /// <summary>Told what the group has stored.</summary>
    public Action<IReadOnlyList<PartitionOffset>>? Stored { get; set; }

    /// <summary>Told how long each request took.</summary>
    public ConsumerMetrics? Metrics { get; set; }

    /// <summary>Commits what the user asks for. All of it must be the consumer's.</summary>
    /// <exception cref="CommitRefusedException">The partitions are not, or may not be, this consumer's.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached or denies access.</exception>
    public Task CommitAsync(IReadOnlyCollection<PartitionOffset> offsets, CancellationToken cancellationToken)
    {
        List<CommitEntry> entries = [.. offsets.Select(_state.Enter)];
        return EnqueueAsync(() => entries, isStrict: true, _cluster.Options.ApiTimeout, cancellationToken);
    }

    /// <summary>Commits what is finished by then; partitions that are gone by then are left out.</summary>
    /// <param name="among">Only these partitions; null for all.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">It failed.</exception>
    public async Task CommitFinishedAsync(IReadOnlyCollection<TopicPartition>? among, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(limit, _cluster.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await EnqueueAsync(() => _state.Uncommitted(among), isStrict: false, limit, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It may still stand behind another that is not answered.
            throw new KafkaException($"The coordinator has not answered within {limit.TotalSeconds:0.#} s.");
        }
    }

    private Task EnqueueAsync(Func<List<CommitEntry>> entries, bool isStrict, TimeSpan limit, CancellationToken cancellationToken)
    {
        Task commit;
        lock (_gate)
        {
            commit = CommitAfterAsync(_last, entries, isStrict, limit, cancellationToken);
            _last = commit;
        }

        return commit.WaitAsync(cancellationToken);
    }

    private async Task CommitAfterAsync(Task previous, Func<List<CommitEntry>> entries, bool isStrict, TimeSpan limit, CancellationToken cancellationToken)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        cancellationToken.ThrowIfCancellationRequested();

        // From here on the caller's token only ends his waiting: a request that is on its way must not be overtaken by the next.
        await CommitNowAsync(entries(), isStrict, limit).ConfigureAwait(false);
    }

    private async Task CommitNowAsync(List<CommitEntry> entries, bool isStrict, TimeSpan limit)
    {
        long started = _cluster.Options.TimeProvider.GetTimestamp();
        while (true)
        {
            CommitStanding standing = _standing.Standing;
            entries = Owned(entries, isStrict);
            if (entries.Count == 0)
            {
                return;
            }

            TimeSpan left = limit - _cluster.Options.TimeProvider.GetElapsedTime(started);
            if (standing.Gate == CommitGate.Closed || left <= TimeSpan.Zero)
            {
                throw Refused(standing.Identity, ErrorCode.None, left <= TimeSpan.Zero ? CommitRefusal.Rebalancing : CommitRefusal.NotMember, entries);
            }

            if (standing.Gate != CommitGate.Waiting)
            {
                (entries, ErrorCode error) = await SendAsync(entries, standing, left).ConfigureAwait(false);
                if (entries.Count == 0)
                {
                    return;
                }

                if (standing.Gate == CommitGate.Closing || error == ErrorCode.FencedInstanceId)
                {
                    throw Refused(standing.Identity, error, RefusalOf(error), entries);
                }
            }

            // The rebalance will have ended, or the partitions will be gone.
            left = limit - _cluster.Options.TimeProvider.GetElapsedTime(started);
            await standing.Changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _cluster.Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<CommitEntry> Owned(List<CommitEntry> entries, bool isStrict)
    {
        if (!_standing.IsMember)
        {
            return entries;
        }

        HashSet<TopicPartition> assigned = [.. _state.Assignment];
        List<CommitEntry> owned = entries.FindAll(e => assigned.Contains(e.Offset.Partition));
        return owned.Count == entries.Count || !isStrict
            ? owned
            : throw Refused(_standing.Standing.Identity, ErrorCode.None, CommitRefusal.NotOwned, entries.FindAll(e => !assigned.Contains(e.Offset.Partition)));
    }

    /// <summary>Sends one request.</summary>
    /// <returns>What was refused for a reason of membership, and the reason.</returns>
    private async Task<(List<CommitEntry> Refused, ErrorCode Error)> SendAsync(List<CommitEntry> entries, CommitStanding standing, TimeSpan limit)
    {
        var offsets = new Dictionary<TopicPartition, PartitionOffset>();
        foreach (CommitEntry entry in entries)
        {
            offsets[entry.Offset.Partition] = entry.Offset;
        }

        await _cluster.Metadata.UseTopicsAsync([.. offsets.Keys.Select(p => p.Topic).Distinct()], CancellationToken.None).ConfigureAwait(false);
        var operation = new OffsetCommitOperation(standing.Identity, _cluster.Metadata, offsets);
        long started = _cluster.Options.TimeProvider.GetTimestamp();
        Dictionary<TopicPartition, Answer<bool>> answers = await _cluster.Driver.RunAsync(operation, offsets.Keys, limit, CancellationToken.None).ConfigureAwait(false);
        var refused = new List<CommitEntry>();
        var stored = new List<PartitionOffset>();
        KafkaException? failure = null;
        ErrorCode reason = ErrorCode.None;
        foreach (CommitEntry entry in entries)
        {
            Answer<bool> answer = answers[entry.Offset.Partition];
            if (answer.Failure is null)
            {
                _state.Committed(entry);
                stored.Add(entry.Offset);
            }
            else if (IsRefusal(answer.Error))
            {
                refused.Add(entry);
                reason = answer.Error;
            }
            else
            {
                failure ??= answer.Failure;
            }
        }

        if (stored.Count > 0)
        {
            Stored?.Invoke(stored);
        }

        if (refused.Count > 0)
        {
            _standing.Refused(reason, standing.Identity);
        }

        Metrics?.Committed(started, failure);
        return failure is null ? (refused, reason) : throw failure;
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

    private static CommitRefusedException Refused(GroupIdentity identity, ErrorCode error, CommitRefusal refusal, List<CommitEntry> entries) =>
        new(identity.GroupId, error, refusal, [.. entries.Select(e => e.Offset.Partition)]);
}
