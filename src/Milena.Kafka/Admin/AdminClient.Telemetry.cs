using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <content>Client metrics (KIP-714). Subscriptions to them are settings of the resource type CLIENT_METRICS.</content>
public sealed partial class AdminClient
{
    private Guid? _instanceId;

    /// <summary>The id by which brokers know this client in their metrics of clients (KIP-714). Needs brokers from 3.7.</summary>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The id that a broker gave; the same at every call of this admin client.</returns>
    /// <exception cref="UnsupportedVersionException">The brokers are older, or collect no metrics of clients.</exception>
    public async Task<Guid> GetClientInstanceIdAsync(AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        _instanceId ??= await AskAsync(new ClientInstanceOperation(), Route.Any, options, cancellationToken).ConfigureAwait(false);
}
