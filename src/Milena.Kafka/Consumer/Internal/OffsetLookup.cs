using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Turns start positions into offsets.</summary>
internal sealed class OffsetLookup
{
    private readonly KafkaCluster _cluster;
    private readonly IsolationLevel _isolation;
    private readonly string? _groupId;
    private readonly StartPosition? _reset;

    public OffsetLookup(KafkaCluster cluster, ConsumerOptions options)
    {
        _cluster = cluster;
        _isolation = options.IsolationLevel;
        _groupId = options.GroupId;
        _reset = options.AutoOffsetReset;
    }

    /// <summary>The member that asks for committed offsets; null if nobody is one.</summary>
    public ICommitStanding? Standing { get; set; }

    /// <summary>Looks up the offsets of one start position in many partitions, each with an answer of its own.</summary>
    public async Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindAsync(
        IReadOnlyCollection<TopicPartition> partitions, StartPosition start, CancellationToken cancellationToken)
    {
        switch (start.Kind)
        {
            case StartKind.Offset:
                return partitions.Distinct().ToDictionary(p => p, _ => Answer<FoundOffset>.Of(new FoundOffset(start.Value, -1, -1)));
            case StartKind.Beginning:
                return await AskAsync(partitions, (long)ListOffsetsTimestamp.Earliest, cancellationToken).ConfigureAwait(false);
            case StartKind.End:
                return await AskAsync(partitions, (long)ListOffsetsTimestamp.Latest, cancellationToken).ConfigureAwait(false);
            case StartKind.Committed:
                return await FindCommittedAsync(partitions, cancellationToken).ConfigureAwait(false);
            case StartKind.Ago:
                long now = _cluster.Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
                return await FindTimeAsync(partitions, Math.Max(0, now - start.Value), cancellationToken).ConfigureAwait(false);
            default:
                return await FindTimeAsync(partitions, start.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a group has stored, each partition with an answer of its own: null where there is nothing.</summary>
    public async Task<Dictionary<TopicPartition, Answer<PartitionOffset?>>> FetchCommittedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        string groupId = _groupId ?? throw new InvalidOperationException("There is no group to ask for committed offsets: GroupId is not set.");
        await _cluster.Metadata.UseTopicsAsync([.. partitions.Select(p => p.Topic).Distinct()], cancellationToken).ConfigureAwait(false);
        long started = _cluster.Options.TimeProvider.GetTimestamp();
        while (true)
        {
            GroupIdentity? member = Standing?.Standing is { Identity.HasEpoch: true, Gate: not CommitGate.Closed } standing ? standing.Identity : null;
            var operation = new OffsetFetchOperation(groupId, member, _cluster.Metadata);
            Dictionary<TopicPartition, Answer<PartitionOffset?>> answers = await _cluster.Driver.RunAsync(operation, partitions, null, cancellationToken).ConfigureAwait(false);
            TimeSpan left = _cluster.Options.ApiTimeout - _cluster.Options.TimeProvider.GetElapsedTime(started);
            Answer<PartitionOffset?> refused = answers.Values.FirstOrDefault(a => IsRefusal(a.Error));
            if (member is null || refused.Failure is null || left <= TimeSpan.Zero)
            {
                return answers;
            }

            // Another epoch is on its way to the member, or it is a member no more.
            Standing!.Refused(refused.Error, member);
            CommitStanding after = Standing.Standing;
            if (after.Gate == CommitGate.Waiting)
            {
                await after.Changed.WaitAsync(left, _cluster.Options.TimeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static bool IsRefusal(ErrorCode error) =>
        error is ErrorCode.StaleMemberEpoch or ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.GroupIdNotFound;

    private async Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindCommittedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        var found = new Dictionary<TopicPartition, Answer<FoundOffset>>();
        var missing = new List<TopicPartition>();
        foreach ((TopicPartition partition, Answer<PartitionOffset?> answer) in await FetchCommittedAsync(partitions, cancellationToken).ConfigureAwait(false))
        {
            if (answer.Failure is { } failure)
            {
                found[partition] = Answer<FoundOffset>.Failed(failure);
            }
            else if (answer.Value is { } committed)
            {
                found[partition] = Answer<FoundOffset>.Of(new FoundOffset(committed.Offset, -1, committed.LeaderEpoch, IsCommitted: true));
            }
            else if (_reset is null)
            {
                found[partition] = Answer<FoundOffset>.Failed(new NoCommittedOffsetException(_groupId!, partition));
            }
            else
            {
                missing.Add(partition);
            }
        }

        if (missing.Count > 0)
        {
            foreach ((TopicPartition partition, Answer<FoundOffset> answer) in await FindAsync(missing, _reset!.Value, cancellationToken).ConfigureAwait(false))
            {
                found[partition] = answer;
            }
        }

        return found;
    }

    private async Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindTimeAsync(
        IReadOnlyCollection<TopicPartition> partitions, long timestamp, CancellationToken cancellationToken)
    {
        // The end is asked for first: a record that is stored between the two questions is then found by one of them.
        Dictionary<TopicPartition, Answer<FoundOffset>> ends = await AskAsync(partitions, (long)ListOffsetsTimestamp.Latest, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>> found = await AskAsync(partitions, timestamp, cancellationToken).ConfigureAwait(false);
        foreach ((TopicPartition partition, Answer<FoundOffset> answer) in found.ToList())
        {
            if (answer.Failure is null && answer.Value.Offset < 0)
            {
                found[partition] = ends[partition];
            }
        }

        return found;
    }

    private Task<Dictionary<TopicPartition, Answer<FoundOffset>>> AskAsync(IReadOnlyCollection<TopicPartition> partitions, long timestamp, CancellationToken cancellationToken) =>
        _cluster.Driver.RunAsync(new ListOffsetsOperation(_ => timestamp, _isolation, _cluster.Options.RequestTimeout), partitions, null, cancellationToken);
}
