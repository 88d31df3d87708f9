using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Carries out a reset of a group's offsets: asks what there is, has <see cref="OffsetResetPlan"/> decide, and stores.</summary>
internal sealed class OffsetResetter
{
    private readonly KafkaCluster _cluster;
    private readonly string _groupId;
    private readonly OffsetReset _reset;
    private readonly Deadline _deadline;

    public OffsetResetter(KafkaCluster cluster, string groupId, OffsetReset reset, Deadline deadline)
    {
        _cluster = cluster;
        _groupId = groupId;
        _reset = reset;
        _deadline = deadline;
    }

    public async Task<Dictionary<TopicPartition, Answer<OffsetResetStep>>> RunAsync(ResetGroupOffsetsOptions options, CancellationToken cancellationToken)
    {
        await RefuseActiveGroupAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, long> stored = await StoredOffsetsAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyCollection<TopicPartition> partitions = await PartitionsAsync(options, stored.Keys, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<OffsetResetStep>> steps = await PlanAsync(partitions, stored, cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            await StoreAsync(steps, cancellationToken).ConfigureAwait(false);
        }

        return steps;
    }

    private async Task RefuseActiveGroupAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, Answer<ConsumerGroupDescription>> found =
            await ConsumerGroups.DescribeAsync(_cluster, [_groupId], withOperations: false, _deadline, cancellationToken).ConfigureAwait(false);
        Answer<ConsumerGroupDescription> group = found[_groupId];
        if (group.Error == ErrorCode.GroupIdNotFound)
        {
            return;
        }

        if (group.Value.State is not (GroupState.Empty or GroupState.Dead))
        {
            throw new KafkaException(
                ErrorCode.NonEmptyGroup,
                $"The offsets of group '{_groupId}' cannot be reset while it is {group.Value.State}, with {group.Value.Members.Count} members. Stop its consumers first.");
        }
    }

    private async Task<Dictionary<TopicPartition, long>> StoredOffsetsAsync(CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { [_groupId] = null };
        Dictionary<string, Answer<AdminResults<TopicPartition, PartitionOffset?>>> found =
            await _cluster.Driver.RunAsync(new FetchOffsetsOperation(wanted, requireStable: false), [_groupId], _deadline.Left, cancellationToken).ConfigureAwait(false);
        AdminResults<TopicPartition, PartitionOffset?> offsets = found[_groupId].Value;
        offsets.ThrowIfAnyFailed();
        return offsets.Values.Values.OfType<PartitionOffset>().ToDictionary(offset => offset.Partition, offset => offset.Offset);
    }

    private async Task<IReadOnlyCollection<TopicPartition>> PartitionsAsync(
        ResetGroupOffsetsOptions options, IReadOnlyCollection<TopicPartition> stored, CancellationToken cancellationToken)
    {
        if (options.Topics.Count == 0 && options.Partitions.Count == 0)
        {
            return stored;
        }

        var partitions = new HashSet<TopicPartition>(options.Partitions);
        foreach (string name in options.Topics)
        {
            TopicMetadata topic = await _cluster.Metadata.GetTopicAsync(name, allowCreation: false, AdminErrors.TopicPatience, cancellationToken).ConfigureAwait(false);
            partitions.UnionWith(Enumerable.Range(0, topic.Partitions.Count).Select(partition => new TopicPartition(name, partition)));
        }

        return partitions;
    }

    private async Task<Dictionary<TopicPartition, Answer<OffsetResetStep>>> PlanAsync(
        IReadOnlyCollection<TopicPartition> partitions, Dictionary<TopicPartition, long> stored, CancellationToken cancellationToken)
    {
        // The end is asked for before the time: a record that is stored between the two questions is then found by one of them.
        Dictionary<TopicPartition, Answer<FoundOffset>> starts = await FindAsync((long)ListOffsetsTimestamp.Earliest).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>> ends = await FindAsync((long)ListOffsetsTimestamp.Latest).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>>? atTime = Time is { } time ? await FindAsync(time).ConfigureAwait(false) : null;
        return partitions.Distinct().ToDictionary(partition => partition, partition =>
        {
            if ((starts[partition].Failure ?? ends[partition].Failure ?? atTime?[partition].Failure) is { } failure)
            {
                return Answer<OffsetResetStep>.Failed(failure);
            }

            long? found = atTime?[partition].Value.Offset is { } offset and >= 0 ? offset : null;
            var log = new LogRange(starts[partition].Value.Offset, ends[partition].Value.Offset);
            return OffsetResetPlan.Of(_reset, stored.TryGetValue(partition, out long before) ? before : null, log, found) is { } step
                ? Answer<OffsetResetStep>.Of(step)
                : Answer<OffsetResetStep>.Failed(new KafkaException($"The offset of group '{_groupId}' for {partition} cannot be shifted: it has stored none there."));
        });

        Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindAsync(long timestamp) => _cluster.Driver.RunAsync(
            new ListOffsetsOperation(_ => timestamp, IsolationLevel.ReadUncommitted, _cluster.Options.RequestTimeout), partitions, _deadline.Left, cancellationToken);
    }

    /// <summary>The time that is looked for, in milliseconds; null if it goes by something else.</summary>
    private long? Time => _reset.Kind switch
    {
        OffsetResetKind.Time => _reset.Value,
        OffsetResetKind.Ago => Math.Max(0, _cluster.Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() - _reset.Value),
        _ => null,
    };

    private async Task StoreAsync(Dictionary<TopicPartition, Answer<OffsetResetStep>> steps, CancellationToken cancellationToken)
    {
        var operation = new AlterOffsetsOperation(_groupId, steps.Where(step => step.Value.Failure is null).Select(step => new PartitionOffset(step.Key, step.Value.Value.After)));
        foreach ((TopicPartition partition, Answer<bool> answer) in
            await _cluster.Driver.RunAsync(operation, operation.Partitions, _deadline.Left, cancellationToken).ConfigureAwait(false))
        {
            if (answer.Failure is { } failure)
            {
                steps[partition] = Answer<OffsetResetStep>.Failed(failure);
            }
        }
    }
}
