using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Admin.Internal.Groups;

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
        var resetter = new OffsetResetter(_cluster, groupId, reset, new Deadline(_cluster.Options.TimeProvider, LimitOf(options)));
        return AdminResults<TopicPartition, OffsetResetStep>.From(await resetter.RunAsync(options ?? new ResetGroupOffsetsOptions(), cancellationToken).ConfigureAwait(false));
    }
}
