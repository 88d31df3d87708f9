using Milena.Kafka.Admin.Internal.Groups;

namespace Milena.Kafka;

/// <content>Offsets of share groups (KIP-932).</content>
public sealed partial class AdminClient
{
    /// <summary>Tells from where a share group reads. Needs brokers from 4.1.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions; null for all that it reads.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each partition: null for one that it has not read yet.</returns>
    /// <exception cref="KafkaException">The group does not exist, or could not be asked for.</exception>
    public async Task<AdminResults<TopicPartition, SharePartitionOffset?>> ListShareGroupOffsetsAsync(
        string groupId, IEnumerable<TopicPartition>? partitions = null, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        var wanted = new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { [groupId] = partitions is null ? null : [.. partitions.Distinct()] };
        return (await ListShareGroupOffsetsAsync(wanted, options, cancellationToken).ConfigureAwait(false))[groupId];
    }

    /// <summary>Tells from where many share groups read. Needs brokers from 4.1.</summary>
    /// <param name="groups">The groups, and the partitions of each; null for all that it reads.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each group, and in it one for each partition: null for one that it has not read yet.</returns>
    public Task<AdminResults<string, AdminResults<TopicPartition, SharePartitionOffset?>>> ListShareGroupOffsetsAsync(
        IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> groups, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return AskAsync(new ShareOffsetsOperation(groups), groups.Keys, options, cancellationToken);
    }

    /// <summary>Sets from where a share group reads. It must have no members. Needs brokers from 4.1.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="offsets">The first record that it is to read of each partition.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; offsets may be set all the same.</param>
    /// <returns>An answer for each partition: <c>NON_EMPTY_GROUP</c> while the group has members.</returns>
    public Task<AdminOutcome<TopicPartition>> AlterShareGroupOffsetsAsync(
        string groupId, IReadOnlyDictionary<TopicPartition, long> offsets, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(offsets);
        return ChangeAsync(new AlterShareOffsetsOperation(groupId, offsets), offsets.Keys, options, cancellationToken);
    }

    /// <summary>Has a share group forget topics, as if it had never read them. It must have no members. Needs brokers from 4.1.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="topics">The topics.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; offsets may be deleted all the same.</param>
    /// <returns>An answer for each topic: <c>NON_EMPTY_GROUP</c> while the group has members.</returns>
    public Task<AdminOutcome<string>> DeleteShareGroupOffsetsAsync(
        string groupId, IEnumerable<string> topics, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return ChangeAsync(new DeleteShareOffsetsOperation(groupId), topics, options, cancellationToken);
    }
}
