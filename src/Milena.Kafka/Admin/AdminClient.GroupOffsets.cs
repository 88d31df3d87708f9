using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Admin.Internal.Groups;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>Offsets that groups have stored.</content>
public sealed partial class AdminClient
{
    /// <summary>Tells what a group has stored.</summary>
    /// <param name="groupId">The group. One that does not exist has stored nothing.</param>
    /// <param name="partitions">The partitions; null for all that it has stored something for.</param>
    /// <param name="options">How they are listed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each partition: null where nothing is stored.</returns>
    /// <exception cref="KafkaException">The group could not be asked for.</exception>
    public async Task<AdminResults<TopicPartition, PartitionOffset?>> ListGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition>? partitions = null, ListGroupOffsetsOptions? options = null, CancellationToken cancellationToken = default)
    {
        var wanted = new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { [groupId] = partitions is null ? null : [.. partitions.Distinct()] };
        return (await ListGroupOffsetsAsync(wanted, options, cancellationToken).ConfigureAwait(false))[groupId];
    }

    /// <summary>Tells what many groups have stored, with one request for each coordinator from Kafka 3.0 on (KIP-709).</summary>
    /// <param name="groups">The groups, and the partitions of each; null for all that it has stored something for.</param>
    /// <param name="options">How they are listed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each group, and in it one for each partition: null where nothing is stored.</returns>
    public Task<AdminResults<string, AdminResults<TopicPartition, PartitionOffset?>>> ListGroupOffsetsAsync(
        IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> groups, ListGroupOffsetsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return AskAsync(new FetchOffsetsOperation(groups, options?.RequireStable == true), groups.Keys, options, cancellationToken);
    }

    /// <summary>Stores offsets for a group that has no members. A group that does not exist is made.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="offsets">The offsets, one for each partition at most.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; offsets may be stored all the same.</param>
    /// <returns>An answer for each partition: <c>UNKNOWN_MEMBER_ID</c> while the group has members.</returns>
    /// <exception cref="ArgumentException">A partition is named twice.</exception>
    public Task<AdminOutcome<TopicPartition>> AlterGroupOffsetsAsync(
        string groupId, IEnumerable<PartitionOffset> offsets, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(offsets);
        var operation = new AlterOffsetsOperation(groupId, offsets);
        return ChangeAsync(operation, operation.Partitions, options, cancellationToken);
    }

    /// <summary>Has a group forget offsets of topics that none of its members reads. Needs brokers from 2.4 (KIP-496).</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; offsets may be deleted all the same.</param>
    /// <returns>An answer for each partition: <c>GROUP_SUBSCRIBED_TO_TOPIC</c> where a member reads the topic.</returns>
    public Task<AdminOutcome<TopicPartition>> DeleteGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition> partitions, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return ChangeAsync(new DeleteOffsetsOperation(groupId), partitions, options, cancellationToken);
    }

    /// <summary>Moves the offsets of a consumer group that nobody is in, or tells where to it would move them.</summary>
    /// <param name="groupId">The group. One that does not exist has stored nothing.</param>
    /// <param name="reset">Where to.</param>
    /// <param name="options">Which partitions, and whether it is done or told only.</param>
    /// <param name="cancellationToken">Ends the waiting; offsets may be stored all the same.</param>
    /// <returns>What was, or would be, done with each partition. A partition that fails does not keep the others back.</returns>
    /// <exception cref="KafkaException">The group has members (<c>NON_EMPTY_GROUP</c>) or could not be asked for, or a topic does not exist; nothing has been stored then.</exception>
    public async Task<AdminResults<TopicPartition, OffsetResetStep>> ResetGroupOffsetsAsync(
        string groupId, OffsetReset reset, ResetGroupOffsetsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        options ??= new ResetGroupOffsetsOptions();
        var deadline = new Deadline(_cluster.Options.TimeProvider, LimitOf(options));
        await RefuseActiveGroupAsync(groupId, deadline, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, long> stored = await StoredOffsetsAsync(groupId, deadline, cancellationToken).ConfigureAwait(false);
        IReadOnlyCollection<TopicPartition> partitions = await PartitionsToResetAsync(options, stored.Keys, deadline, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<OffsetResetStep>> steps = await PlanAsync(groupId, reset, partitions, stored, deadline, cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            await CarryOutAsync(groupId, steps, deadline, cancellationToken).ConfigureAwait(false);
        }

        return AdminResults<TopicPartition, OffsetResetStep>.From(steps);
    }

    private async Task RefuseActiveGroupAsync(string groupId, Deadline deadline, CancellationToken cancellationToken)
    {
        Dictionary<string, Answer<ConsumerGroupDescription>> found =
            await DescribeConsumerGroupsAsync([groupId], withOperations: false, deadline, cancellationToken).ConfigureAwait(false);
        Answer<ConsumerGroupDescription> group = found[groupId];
        if (group.Error == ErrorCode.GroupIdNotFound)
        {
            return;
        }

        if (group.Value.State is not (GroupState.Empty or GroupState.Dead))
        {
            throw new KafkaException(
                ErrorCode.NonEmptyGroup, $"The offsets of group '{groupId}' cannot be reset while it is {group.Value.State}, with {group.Value.Members.Count} members. Stop its consumers first.");
        }
    }

    private async Task<Dictionary<TopicPartition, long>> StoredOffsetsAsync(string groupId, Deadline deadline, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { [groupId] = null };
        Dictionary<string, Answer<AdminResults<TopicPartition, PartitionOffset?>>> found =
            await _cluster.Driver.RunAsync(new FetchOffsetsOperation(wanted, requireStable: false), [groupId], deadline.Left, cancellationToken).ConfigureAwait(false);
        AdminResults<TopicPartition, PartitionOffset?> offsets = found[groupId].Value;
        offsets.ThrowIfAnyFailed();
        return offsets.Values.Values.OfType<PartitionOffset>().ToDictionary(offset => offset.Partition, offset => offset.Offset);
    }

    private async Task<IReadOnlyCollection<TopicPartition>> PartitionsToResetAsync(
        ResetGroupOffsetsOptions options, IReadOnlyCollection<TopicPartition> stored, Deadline deadline, CancellationToken cancellationToken)
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
        string groupId,
        OffsetReset reset,
        IReadOnlyCollection<TopicPartition> partitions,
        Dictionary<TopicPartition, long> stored,
        Deadline deadline,
        CancellationToken cancellationToken)
    {
        long? time = reset.Kind switch
        {
            OffsetResetKind.Time => reset.Value,
            OffsetResetKind.Ago => Math.Max(0, _cluster.Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() - reset.Value),
            _ => null,
        };

        // The end is asked for before the time: a record that is stored between the two questions is then found by one of them.
        Dictionary<TopicPartition, Answer<FoundOffset>> starts = await FindAsync((long)ListOffsetsTimestamp.Earliest).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>> ends = await FindAsync((long)ListOffsetsTimestamp.Latest).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>> founds = time is { } asked ? await FindAsync(asked).ConfigureAwait(false) : ends;
        return partitions.Distinct().ToDictionary(partition => partition, partition =>
        {
            if ((starts[partition].Failure ?? ends[partition].Failure ?? founds[partition].Failure) is { } failure)
            {
                return Answer<OffsetResetStep>.Failed(failure);
            }

            long? found = time is not null && founds[partition].Value.Offset is >= 0 and var offset ? offset : null;
            var log = new LogRange(starts[partition].Value.Offset, ends[partition].Value.Offset);
            return OffsetResetPlan.Of(reset, stored.TryGetValue(partition, out long before) ? before : null, log, found) is { } step
                ? Answer<OffsetResetStep>.Of(step)
                : Answer<OffsetResetStep>.Failed(new KafkaException($"The offset of group '{groupId}' for {partition} cannot be shifted: it has stored none there."));
        });

        Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindAsync(long timestamp) => _cluster.Driver.RunAsync(
            new ListOffsetsOperation(_ => timestamp, IsolationLevel.ReadUncommitted, _cluster.Options.RequestTimeout), partitions, deadline.Left, cancellationToken);
    }

    private async Task CarryOutAsync(string groupId, Dictionary<TopicPartition, Answer<OffsetResetStep>> steps, Deadline deadline, CancellationToken cancellationToken)
    {
        var operation = new AlterOffsetsOperation(groupId, steps.Where(step => step.Value.Failure is null).Select(step => new PartitionOffset(step.Key, step.Value.Value.After)));
        foreach ((TopicPartition partition, Answer<bool> answer) in
            await _cluster.Driver.RunAsync(operation, operation.Partitions, deadline.Left, cancellationToken).ConfigureAwait(false))
        {
            if (answer.Failure is { } failure)
            {
                steps[partition] = Answer<OffsetResetStep>.Failed(failure);
            }
        }
    }
}
