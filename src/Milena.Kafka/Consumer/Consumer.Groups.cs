using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Log = Milena.Kafka.Consumer.Internal.Log;

namespace Milena.Kafka;

/// <content>Membership in a group, and its offsets.</content>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>
    /// Raised when the loop has been busy with one record or batch for longer than <see cref="ConsumerOptions.MaxPollInterval"/>, and the consumer leaves its group. The argument is
    /// how long. Runs on a thread of the consumer.
    /// </summary>
    public event EventHandler<TimeSpan>? MaxPollIntervalExceeded;

    /// <summary>Raised after each commit, also an automatic one, with what the group has stored. Runs on a thread of the consumer and must be quick.</summary>
    public event EventHandler<IReadOnlyList<PartitionOffset>>? OffsetsCommitted;

    /// <summary>Set off when what the loop is processing may already be in another member's hands: the partition was lost, or the loop took too long. Then there is a new one.</summary>
    /// <remarks>Read it anew for each record or batch, and pass it on to what takes long.</remarks>
    public CancellationToken ProcessingToken => _group?.ProcessingToken ?? CancellationToken.None;

    /// <summary>Commits that a record has been processed; the group goes on behind it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="metadata">Any text that is stored beside the offset; null for none.</param>
    /// <param name="cancellationToken">Ends the waiting; the commit may happen nevertheless.</param>
    /// <exception cref="CommitRefusedException">The partition is not this consumer's any more.</exception>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>, or commits are off.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached within <see cref="KafkaClientOptions.ApiTimeout"/> or denies access.</exception>
    public Task CommitAsync(in ConsumeResult<TKey, TValue> record, string? metadata = null, CancellationToken cancellationToken = default) =>
        CommitAsync([new PartitionOffset(record.TopicPartition, record.Offset + 1, record.LeaderEpoch, metadata)], cancellationToken);

    /// <summary>Commits that a batch has been processed; the group goes on behind it.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="metadata">Any text that is stored beside the offset; null for none.</param>
    /// <param name="cancellationToken">Ends the waiting; the commit may happen nevertheless.</param>
    /// <exception cref="CommitRefusedException">The partition is not this consumer's any more.</exception>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>, or commits are off.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached within <see cref="KafkaClientOptions.ApiTimeout"/> or denies access.</exception>
    public Task CommitAsync(ConsumeBatch<TKey, TValue> batch, string? metadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return CommitAsync([new PartitionOffset(batch.TopicPartition, batch.NextOffset, batch.LeaderEpoch, metadata)], cancellationToken);
    }

    /// <summary>Commits offsets: for each partition that of the next record to process. Commits take effect in the order of their calls.</summary>
    /// <param name="offsets">The offsets, each partition once.</param>
    /// <param name="cancellationToken">Ends the waiting; the commit may happen nevertheless.</param>
    /// <exception cref="ArgumentException">An offset is negative, or a partition is named twice.</exception>
    /// <exception cref="CommitRefusedException">A partition is not this consumer's any more; none of the offsets may be relied upon.</exception>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>, or commits are off.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached within <see cref="KafkaClientOptions.ApiTimeout"/> or denies access.</exception>
    public Task CommitAsync(IReadOnlyCollection<PartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        ThrowIfDisposedForGood();
        OffsetCommitter committer = _committer ?? throw new InvalidOperationException("There is nothing to commit to: GroupId is not set.");
        if (_options.AutoCommit == AutoCommitMode.Off)
        {
            throw new InvalidOperationException("AutoCommit is Off, which means that offsets are kept elsewhere. Choose Manual to commit by call.");
        }

        foreach (PartitionOffset offset in offsets)
        {
            Check(offset.Partition, nameof(offsets));
            if (offset.Offset < 0)
            {
                throw new ArgumentException($"{offset.Partition}: offset {offset.Offset} is negative.", nameof(offsets));
            }
        }

        if (offsets.DistinctBy(o => o.Partition).Count() != offsets.Count)
        {
            throw new ArgumentException("A partition is named twice.", nameof(offsets));
        }

        return committer.CommitAsync(offsets, cancellationToken);
    }

    /// <summary>Asks what the group has committed. Partitions without a committed offset are left out.</summary>
    /// <param name="partitions">The partitions; they need not be assigned.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached or denies access.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, PartitionOffset>> GetCommittedAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfDisposed();
        TopicPartition[] all = [.. partitions];
        Array.ForEach(all, p => Check(p, nameof(partitions)));
        Dictionary<TopicPartition, Answer<PartitionOffset?>> found = await _engine.Offsets.FetchCommittedAsync(all, cancellationToken).ConfigureAwait(false);
        return found.Where(f => f.Value.Value is not null).ToDictionary(f => f.Key, f => f.Value.Value!);
    }

    /// <summary>Hands out no more records of some partitions, and fetches none, until <see cref="Resume"/>. Their positions stay.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void Pause(params IEnumerable<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfDisposed();
        _engine.State.Pause([.. partitions], isPaused: true);
    }

    /// <summary>Goes on with paused partitions.</summary>
    /// <param name="partitions">Assigned partitions.</param>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void Resume(params IEnumerable<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfDisposed();
        _engine.State.Pause([.. partitions], isPaused: false);
    }

    /// <summary>How many records of a partition are still to be handed out, as of the last answer of its broker.</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <returns>The number; null while nothing was fetched. Offsets may have gaps, so it can be too high.</returns>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public long? GetLag(TopicPartition partition)
    {
        ThrowIfDisposed();
        return _engine.State.Lag(partition);
    }

    private static IGroupMembership CreateMembership(KafkaCluster cluster, ConsumerOptions options)
    {
        var how = new MembershipOptions
        {
            GroupId = options.GroupId!,
            InstanceId = options.GroupInstanceId,
            RackId = options.RackId.Length > 0 ? options.RackId : null,
            SessionTimeout = options.SessionTimeout,
            HeartbeatInterval = options.HeartbeatInterval,
            RebalanceTimeout = options.EffectiveRebalanceTimeout,
            Assignors = [.. options.Assignors],
            Backoff = new ExponentialBackoff(cluster.Options.RetryBackoff, cluster.Options.RetryBackoffMax, cluster.Random),
            RemoteAssignor = options.GroupRemoteAssignor,
            RemoteTopicPattern = options.RemoteTopicPattern,
        };
        return options.EffectiveGroupProtocol switch
        {
            GroupProtocol.Classic => new ClassicMembership(how),
            GroupProtocol.Consumer => CreateConsumerMembership(how),
            _ => new AutoMembership(how, CreateConsumerMembership, cluster.Options.MetadataMaxAge),
        };

        ConsumerMembership CreateConsumerMembership(MembershipOptions how) => new(how, MemberId.Create(cluster.Random));
    }

    private void OnPollExceeded(TimeSpan busy) => Raise(nameof(MaxPollIntervalExceeded), () => MaxPollIntervalExceeded?.Invoke(this, busy));

    private void OnStored(IReadOnlyList<PartitionOffset> offsets)
    {
        _interceptors?.OnCommit(offsets);
        Raise(nameof(OffsetsCommitted), () => OffsetsCommitted?.Invoke(this, offsets));
    }

    private void Raise(string name, Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception fault)
        {
            // Handlers are the user's code and may throw anything; heartbeats and commits must not stop for it, and the user must learn of it.
            Log.ListenerFailed(_engine.Logger, _options.GroupId!, name, fault);
            _engine.State.Tell(new KafkaException($"A handler of {name} failed. {fault.Message} Reading on goes on.", fault));
        }
    }

    private async Task LeaveAsync()
    {
        if (_group is not null)
        {
            await _group.CloseAsync().ConfigureAwait(false);
        }
        else if (_committer is not null && _options.AutoCommit == AutoCommitMode.AtLeastOnce)
        {
            try
            {
                await _committer.CommitFinishedAsync(null, _options.CloseTimeout, CancellationToken.None).ConfigureAwait(false);
            }
            catch (KafkaException failure)
            {
                Log.CommitFailed(_engine.Logger, _options.GroupId!, failure.Message);
            }
        }
    }

    /// <summary>While the consumer closes, its rebalance listener may still commit.</summary>
    private void ThrowIfDisposedForGood() => ObjectDisposedException.ThrowIf(_engine.IsDisposed, this);
}
