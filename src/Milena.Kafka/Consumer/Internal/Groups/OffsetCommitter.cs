using System.Runtime.ExceptionServices;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Does what the <see cref="CommitQueue"/> says, and lets callers wait for their commits.</summary>
internal sealed class OffsetCommitter
{
    private readonly CommitQueue _queue = new();
    private readonly KafkaCluster _cluster;
    private readonly FetchState _state;
    private readonly ICommitStanding _standing;
    private readonly ConsumerClock _clock;

    public OffsetCommitter(KafkaCluster cluster, FetchState state, ICommitStanding standing)
    {
        _cluster = cluster;
        _state = state;
        _standing = standing;
        _clock = new ConsumerClock(cluster.Options.TimeProvider);
    }

    /// <summary>Told what the group has stored.</summary>
    public Action<IReadOnlyList<PartitionOffset>>? Stored { get; set; }

    /// <summary>Told how long each request took.</summary>
    public ConsumerMetrics? Metrics { get; set; }

    /// <summary>Commits what the user asks for. All of it must be the consumer's.</summary>
    /// <exception cref="CommitRefusedException">The partitions are not, or may not be, this consumer's.</exception>
    /// <exception cref="KafkaException">The coordinator cannot be reached or denies access.</exception>
    public Task CommitAsync(IReadOnlyCollection<PartitionOffset> offsets, CancellationToken cancellationToken) =>
        CommitAsync(() => [.. offsets.Select(_state.Enter)], isStrict: true, _cluster.Options.ApiTimeout, cancellationToken);

    /// <summary>Commits what is finished now; what is gone, or committed further, when its turn comes is left out.</summary>
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
            await CommitAsync(() => _state.Uncommitted(among), isStrict: false, limit, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It may still stand behind another that is not answered.
            throw new KafkaException($"The coordinator has not answered within {limit.TotalSeconds:0.#} s.");
        }
    }

    private async Task CommitAsync(Func<List<CommitEntry>> entries, bool isStrict, TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Looked up and put in line at once: a commit that is asked for in between would stand before this one, and this one would go back.
        bool isFirst = _state.With(_ => _queue.Add(new PendingCommit { Entries = entries(), IsStrict = isStrict, Deadline = _clock.Now + limit, Ended = ended.SetResult }));
        if (isFirst)
        {
            _ = Task.Run(CommitAllAsync, CancellationToken.None);
        }

        // The token only ends the waiting: a request that is on its way must not be overtaken by the next.
        if (await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task CommitAllAsync()
    {
        while (true)
        {
            CommitStanding standing = _standing.Standing;
            switch (_state.With(assigned => _queue.Next(assigned, _standing.IsMember, standing, _clock.Now)))
            {
                case CommitStep.Send send:
                    await SendAsync(send).ConfigureAwait(false);
                    break;
                case CommitStep.Wait wait:
                    TimeSpan pause = wait.Until - _clock.Now;
                    await standing.Changed.WaitAsync(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, _clock.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                default:
                    return;
            }
        }
    }

    private async Task SendAsync(CommitStep.Send send)
    {
        try
        {
            Dictionary<TopicPartition, PartitionOffset> offsets = send.Entries.ToDictionary(e => e.Offset.Partition, e => e.Offset);
            await _cluster.Metadata.UseTopicsAsync([.. offsets.Keys.Select(p => p.Topic).Distinct()], CancellationToken.None).ConfigureAwait(false);
            var operation = new OffsetCommitOperation(send.Standing.Identity, _cluster.Metadata, offsets);
            long started = _clock.Time.GetTimestamp();
            TimeSpan left = send.Until - _clock.Now;
            Dictionary<TopicPartition, Answer<bool>> answers =
                await _cluster.Driver.RunAsync(operation, offsets.Keys, left > TimeSpan.Zero ? left : TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            CommitOutcome outcome = _state.With(_ => _queue.Answered(answers));
            if (outcome.Stored.Count > 0)
            {
                Stored?.Invoke(outcome.Stored);
            }

            if (outcome.Refusal != ErrorCode.None)
            {
                _standing.Refused(outcome.Refusal, send.Standing.Identity);
            }

            Metrics?.Committed(started, outcome.Failure);
        }
        catch (Exception failure)
        {
            // Whatever it is, it belongs to the caller, and those behind him must not wait for ever.
            _state.With(_ => { _queue.Failed(failure); });
        }
    }
}
