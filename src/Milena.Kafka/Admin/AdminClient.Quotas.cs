using Milena.Kafka.Admin.Internal.Access;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <content>Client quotas.</content>
public sealed partial class AdminClient
{
    /// <summary>Tells which quotas are set (KIP-546). Needs brokers from 2.6.</summary>
    /// <param name="filter">For whom; null for everyone.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The quotas of each entity that has some, by Kafka's names, see <see cref="ClientQuotaKeys"/>.</returns>
    /// <exception cref="KafkaException">This client may not see them, or the filter names a type that is none.</exception>
    public Task<IReadOnlyDictionary<ClientQuotaEntity, IReadOnlyDictionary<string, double>>> DescribeClientQuotasAsync(
        ClientQuotaFilter? filter = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeClientQuotasOperation(filter ?? new ClientQuotaFilter()), Route.Any, options, cancellationToken);

    /// <summary>Sets and removes quotas (KIP-546). Needs brokers from 2.6.</summary>
    /// <param name="alterations">What is to be changed, once for each entity at most.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; quotas may be changed all the same.</param>
    /// <returns>An answer for each entity: <c>INVALID_REQUEST</c> for an entity or a quota that is none.</returns>
    /// <exception cref="ArgumentException">An entity is named twice.</exception>
    public Task<AdminOutcome<ClientQuotaEntity>> AlterClientQuotasAsync(
        IEnumerable<ClientQuotaAlteration> alterations, AdminChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alterations);
        var operation = new AlterClientQuotasOperation(alterations, options?.ValidateOnly == true);
        return ChangeAsync(operation, operation.Entities, options, cancellationToken);
    }
}
