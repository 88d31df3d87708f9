using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>Settings of topics, brokers, loggers, groups and client metrics subscriptions.</content>
public sealed partial class AdminClient
{
    /// <summary>Describes the settings of resources.</summary>
    /// <param name="resources">The resources. Those of a broker and its loggers are asked of that broker.</param>
    /// <param name="options">How the call is carried out, and what is asked for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The settings of each resource by name.</returns>
    public Task<AdminResults<ConfigResource, IReadOnlyDictionary<string, ConfigEntry>>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources, DescribeConfigsOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DescribeConfigsOptions();
        return AskAsync(new DescribeConfigsOperation(options), resources, options, cancellationToken);
    }

    /// <summary>Changes single settings of resources; what is not named stays as it is (KIP-339). Needs brokers from 2.3.</summary>
    /// <param name="changes">The changes of each resource: all of one resource are made, or none.</param>
    /// <param name="options">How the call is carried out, and whether it only validates.</param>
    /// <param name="cancellationToken">Ends the waiting; settings may be changed all the same.</param>
    public Task<AdminOutcome<ConfigResource>> AlterConfigsAsync(
        IReadOnlyDictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> changes, AdminChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return ChangeAsync(new AlterConfigsOperation(changes, options?.ValidateOnly ?? false), changes.Keys, options, cancellationToken);
    }

    /// <summary>Lists the resources that have settings (KIP-1142). Needs brokers from 4.1; client metrics subscriptions alone from 3.7 (KIP-714).</summary>
    /// <param name="types">The kinds of resources; none stands for all.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="UnsupportedVersionException">The brokers are too old.</exception>
    /// <exception cref="AuthorizationException">This principal may not describe the settings of the cluster.</exception>
    public Task<IReadOnlyList<ConfigResource>> ListConfigResourcesAsync(
        IEnumerable<ConfigResourceType>? types = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ListConfigResourcesOperation(types ?? []), Route.Any, options, cancellationToken);
}
