using Milena.Kafka.Admin.Internal.Access;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <content>Rules of who may do what.</content>
public sealed partial class AdminClient
{
    /// <summary>Adds rules. One that is there already stays.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; rules may be added all the same.</param>
    /// <returns>An answer for each rule: <c>SECURITY_DISABLED</c> from brokers without an authorizer, <c>INVALID_REQUEST</c> for a rule that is none.</returns>
    public Task<AdminOutcome<AclBinding>> CreateAclsAsync(IEnumerable<AclBinding> rules, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(new CreateAclsOperation(), rules, options, cancellationToken);

    /// <summary>Tells the rules that match a filter.</summary>
    /// <param name="filter">Which rules; null for all.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">The brokers have no authorizer (<c>SECURITY_DISABLED</c>), or this client may not see rules.</exception>
    /// <exception cref="UnsupportedVersionException">The brokers are older than what the filter asks for.</exception>
    public Task<IReadOnlyList<AclBinding>> DescribeAclsAsync(AclFilter? filter = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeAclsOperation(filter ?? new AclFilter()), Route.Any, options, cancellationToken);

    /// <summary>Removes the rules that match filters.</summary>
    /// <param name="filters">Which rules.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; rules may be removed all the same.</param>
    /// <returns>An answer for each filter, and in it one for each rule that matched.</returns>
    public Task<AdminResults<AclFilter, AdminOutcome<AclBinding>>> DeleteAclsAsync(
        IEnumerable<AclFilter> filters, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DeleteAclsOperation(), filters, options, cancellationToken);
}
