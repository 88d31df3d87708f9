using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Admin.Internal.Groups;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>Groups and their members.</content>
public sealed partial class AdminClient
{
    /// <summary>Lists the groups of the cluster, of all types. Every broker is asked for its own.</summary>
    /// <param name="options">Which groups, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The groups that this client may describe. Brokers that could not be asked are in its failures.</returns>
    /// <exception cref="KafkaException">The brokers of the cluster could not be learnt.</exception>
    public Task<AdminListing<GroupListing>> ListGroupsAsync(ListGroupsOptions? options = null, CancellationToken cancellationToken = default) =>
        ListAsync(new ListGroupsOperation(options ?? new ListGroupsOptions()), options, cancellationToken);

    /// <summary>Describes consumer groups, of the protocol of KIP-848 and of the classic one.</summary>
    /// <param name="groupIds">The groups.</param>
    /// <param name="options">What is told, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each. A group that does not exist, or is no consumer group, fails with <c>GROUP_ID_NOT_FOUND</c>.</returns>
    public async Task<AdminResults<string, ConsumerGroupDescription>> DescribeConsumerGroupsAsync(
        IEnumerable<string> groupIds, DescribeGroupsOptions? options = null, CancellationToken cancellationToken = default)
    {
        var deadline = new Deadline(_cluster.Options.TimeProvider, LimitOf(options));
        return AdminResults<string, ConsumerGroupDescription>.From(
            await ConsumerGroups.DescribeAsync(_cluster, [.. groupIds], options?.IncludeAuthorizedOperations == true, deadline, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Describes groups of the classic protocol, whatever their members are: consumers, Kafka Connect, ...</summary>
    /// <param name="groupIds">The groups.</param>
    /// <param name="options">What is told, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each. A group that does not exist, or is of another protocol, fails with <c>GROUP_ID_NOT_FOUND</c>.</returns>
    public Task<AdminResults<string, ClassicGroupDescription>> DescribeClassicGroupsAsync(
        IEnumerable<string> groupIds, DescribeGroupsOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeClassicGroupsOperation(_cluster.Coordinators, options?.IncludeAuthorizedOperations == true), groupIds, options, cancellationToken);

    /// <summary>Describes share groups (KIP-932). Needs brokers from 4.1.</summary>
    /// <param name="groupIds">The groups.</param>
    /// <param name="options">What is told, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each. A group that does not exist, or is no share group, fails with <c>GROUP_ID_NOT_FOUND</c>.</returns>
    public Task<AdminResults<string, ShareGroupDescription>> DescribeShareGroupsAsync(
        IEnumerable<string> groupIds, DescribeGroupsOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeShareGroupsOperation(_cluster.Coordinators, options?.IncludeAuthorizedOperations == true), groupIds, options, cancellationToken);

    /// <summary>Describes Streams groups (KIP-1071). Needs brokers from 4.1.</summary>
    /// <param name="groupIds">The groups.</param>
    /// <param name="options">What is told, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each. A group that does not exist, or is no Streams group, fails with <c>GROUP_ID_NOT_FOUND</c>.</returns>
    public Task<AdminResults<string, StreamsGroupDescription>> DescribeStreamsGroupsAsync(
        IEnumerable<string> groupIds, DescribeGroupsOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeStreamsGroupsOperation(_cluster.Coordinators, options?.IncludeAuthorizedOperations == true), groupIds, options, cancellationToken);

    /// <summary>Deletes groups of any type with all that they have stored. They must have no members.</summary>
    /// <param name="groupIds">The groups.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; groups may be deleted all the same.</param>
    /// <returns>An answer for each: <c>NON_EMPTY_GROUP</c> for one that has members, <c>GROUP_ID_NOT_FOUND</c> for one that is not there.</returns>
    public Task<AdminOutcome<string>> DeleteGroupsAsync(IEnumerable<string> groupIds, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(new DeleteGroupsOperation(), groupIds, options, cancellationToken);

    /// <summary>Puts members out of a consumer group. One that still runs will join again.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="members">Who is to go.</param>
    /// <param name="options">Why, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; members may be removed all the same.</param>
    /// <returns>An answer for each: <c>UNKNOWN_MEMBER_ID</c> for one that is not in the group.</returns>
    public Task<AdminOutcome<GroupMemberName>> RemoveGroupMembersAsync(
        string groupId, IEnumerable<GroupMemberName> members, RemoveGroupMembersOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return ChangeAsync(new RemoveMembersOperation(groupId, options?.Reason), members, options, cancellationToken);
    }

    /// <summary>Puts everyone out of a consumer group who is in it now.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="options">Why, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; members may be removed all the same.</param>
    /// <returns>An answer for each member that there was.</returns>
    /// <exception cref="KafkaException">The group does not exist, or its members could not be learnt.</exception>
    public async Task<AdminOutcome<GroupMemberName>> RemoveAllGroupMembersAsync(
        string groupId, RemoveGroupMembersOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        var deadline = new Deadline(_cluster.Options.TimeProvider, LimitOf(options));
        Dictionary<string, Answer<ConsumerGroupDescription>> found =
            await ConsumerGroups.DescribeAsync(_cluster, [groupId], withOperations: false, deadline, cancellationToken).ConfigureAwait(false);
        GroupMemberName[] members = [.. found[groupId].Value.Members
            .Select(member => member.InstanceId is { } instance ? GroupMemberName.OfInstance(instance) : GroupMemberName.OfMember(member.MemberId))];
        return AdminOutcome<GroupMemberName>.From(
            await _cluster.Driver.RunAsync(new RemoveMembersOperation(groupId, options?.Reason), members, deadline.Left, cancellationToken).ConfigureAwait(false));
    }

    private async Task<AdminListing<TResult>> ListAsync<TRequest, TResponse, TResult>(
        Operation<int, TRequest, TResponse, IReadOnlyList<TResult>> operation, AdminOptions? options, CancellationToken cancellationToken)
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        // Not those of some time ago: what a broker looked after that has left is in other hands.
        var deadline = new Deadline(_cluster.Options.TimeProvider, LimitOf(options));
        Dictionary<Route, Answer<IReadOnlyList<int>>> brokers =
            await _cluster.Driver.RunAsync(new BrokersOperation(), [Route.Any], deadline.Left, cancellationToken).ConfigureAwait(false);
        return AdminListing<TResult>.From(
            await _cluster.Driver.RunAsync(operation, brokers[Route.Any].Value, deadline.Left, cancellationToken).ConfigureAwait(false));
    }
}
