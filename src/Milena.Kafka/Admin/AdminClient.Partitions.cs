using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>Leaders, replicas, log directories and offsets of partitions.</content>
public sealed partial class AdminClient
{
    /// <summary>Has leaders elected: the preferred one of each partition, or whichever is alive though records may be lost.</summary>
    /// <param name="type">Which leader is to be elected. <see cref="ElectionType.Unclean"/> needs brokers from 2.4.</param>
    /// <param name="partitions">The partitions; null for all of the cluster.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; leaders may be elected all the same.</param>
    /// <returns>What became of each partition. One that has that leader already failed with <c>ELECTION_NOT_NEEDED</c>; it is left out if all were asked for.</returns>
    /// <exception cref="KafkaException">The call as a whole failed.</exception>
    public async Task<AdminOutcome<TopicPartition>> ElectLeadersAsync(
        ElectionType type, IEnumerable<TopicPartition>? partitions = null, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        var operation = new ElectLeadersOperation(type, partitions?.ToArray(), BrokerLimitOf(options));
        return AdminOutcome<TopicPartition>.From(await AskAsync(operation, Route.Controller, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Moves partitions to other brokers, or takes moves back that are under way (KIP-455). Needs brokers from 2.4.</summary>
    /// <param name="targets">The brokers that each partition is to lie on, the preferred leader first; null takes its move back.</param>
    /// <param name="options">How the call is carried out, and what is allowed.</param>
    /// <param name="cancellationToken">Ends the waiting; partitions may be moved all the same.</param>
    /// <returns>Which moves have begun; <see cref="ListPartitionReassignmentsAsync"/> tells how far they are.</returns>
    public Task<AdminOutcome<TopicPartition>> AlterPartitionReassignmentsAsync(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<int>?> targets, AlterReassignmentsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var operation = new AlterReassignmentsOperation(targets, options?.AllowReplicationFactorChange ?? true, BrokerLimitOf(options));
        return ChangeAsync(operation, targets.Keys, options, cancellationToken);
    }

    /// <summary>Lists the moves of partitions that are under way (KIP-455). Needs brokers from 2.4.</summary>
    /// <param name="partitions">The partitions; null for all of the cluster. One that is not moved, or not there, is left out of the result.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">The call failed.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, PartitionReassignment>> ListPartitionReassignmentsAsync(
        IEnumerable<TopicPartition>? partitions = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ListReassignmentsOperation(partitions?.ToArray(), BrokerLimitOf(options)), Route.Controller, options, cancellationToken);

    /// <summary>Describes the log directories of brokers and the replicas in them. Each broker is asked itself.</summary>
    /// <param name="brokers">The brokers' ids.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The directories of each broker by path.</returns>
    public Task<AdminResults<int, IReadOnlyDictionary<string, LogDirDescription>>> DescribeLogDirsAsync(
        IEnumerable<int> brokers, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeLogDirsOperation(), brokers, options, cancellationToken);

    /// <summary>Tells in which log directory replicas lie, and to which they are on their way.</summary>
    /// <param name="replicas">The replicas.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<AdminResults<TopicPartitionReplica, ReplicaLogDirs>> DescribeReplicaLogDirsAsync(
        IEnumerable<TopicPartitionReplica> replicas, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeReplicaLogDirsOperation(), replicas, options, cancellationToken);

    /// <summary>Moves replicas to other log directories of their brokers.</summary>
    /// <param name="targets">The directory of each replica, as the broker's <c>log.dirs</c> has it.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; replicas may be moved all the same.</param>
    /// <returns>Which moves have begun. A broker that does not have the replica yet answers <c>REPLICA_NOT_AVAILABLE</c>, and puts it there when it comes.</returns>
    public Task<AdminOutcome<TopicPartitionReplica>> AlterReplicaLogDirsAsync(
        IReadOnlyDictionary<TopicPartitionReplica, string> targets, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return ChangeAsync(new AlterReplicaLogDirsOperation(targets), targets.Keys, options, cancellationToken);
    }

    /// <summary>Finds offsets of partitions by position or by time. The leaders are asked.</summary>
    /// <param name="specs">Which offset of each partition.</param>
    /// <param name="options">How the call is carried out, and whether open transactions count.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<AdminResults<TopicPartition, ListedOffset>> ListOffsetsAsync(
        IReadOnlyDictionary<TopicPartition, OffsetSpec> specs, ListOffsetsOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specs);
        options ??= new ListOffsetsOptions();
        var operation = new ListOffsetsOperation(key => specs[key].Timestamp, options.IsolationLevel, BrokerLimitOf(options), AdminErrors.TopicPatience);
        Dictionary<TopicPartition, Answer<FoundOffset>> found = await _cluster.Driver.RunAsync(operation, [.. specs.Keys], LimitOf(options), cancellationToken).ConfigureAwait(false);
        return AdminResults<TopicPartition, ListedOffset>.From(found.ToDictionary(answer => answer.Key, answer => ToListed(answer.Value)));
    }

    private static Answer<ListedOffset> ToListed(Answer<FoundOffset> answer) => answer.Failure is { } failure
        ? Answer<ListedOffset>.Failed(failure)
        : Answer<ListedOffset>.Of(new ListedOffset(
            answer.Value.Offset < 0 ? null : answer.Value.Offset,
            answer.Value.Timestamp < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(answer.Value.Timestamp),
            answer.Value.LeaderEpoch < 0 ? null : answer.Value.LeaderEpoch));
}
