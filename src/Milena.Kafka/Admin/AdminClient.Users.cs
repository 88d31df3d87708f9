using Milena.Kafka.Admin.Internal.Access;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <content>Users of SASL/SCRAM.</content>
public sealed partial class AdminClient
{
    /// <summary>Tells which SCRAM credentials users have (KIP-554). Needs brokers from 2.7.</summary>
    /// <param name="users">Whose; null or none for everyone's.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each user: <c>RESOURCE_NOT_FOUND</c> for one who has no credential.</returns>
    /// <exception cref="KafkaException">This client may not see users, or they could not be asked for.</exception>
    public Task<AdminResults<string, IReadOnlyList<ScramCredentialDescription>>> DescribeScramUsersAsync(
        IEnumerable<string>? users = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeScramUsersOperation(users is null ? null : [.. users.Distinct()]), Route.Any, options, cancellationToken);

    /// <summary>Sets and removes SCRAM credentials of users (KIP-554). Needs brokers from 2.7.</summary>
    /// <param name="changes">What is to be changed. All changes of one user are made, or none.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; credentials may be changed all the same.</param>
    /// <returns>
    /// An answer for each user: <c>RESOURCE_NOT_FOUND</c> for a credential to be removed that is not there, <c>UNACCEPTABLE_CREDENTIAL</c> for too few or too many
    /// iterations, <c>DUPLICATE_RESOURCE</c> for a credential that is named twice.
    /// </returns>
    public Task<AdminOutcome<string>> AlterScramUsersAsync(
        IEnumerable<ScramCredentialChange> changes, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var operation = new AlterScramUsersOperation(changes);
        return ChangeAsync(operation, operation.Users, options, cancellationToken);
    }
}
