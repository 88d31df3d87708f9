using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka;

/// <content>The cluster itself: brokers, features, the metadata quorum; and requests of one's own.</content>
public sealed partial class AdminClient
{
    /// <summary>Describes the cluster and its brokers.</summary>
    /// <param name="options">How the call is carried out, and what is asked for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="UnsupportedVersionException">Fenced brokers are asked for of brokers before 4.0.</exception>
    /// <remarks>Brokers before 2.8 are asked with Metadata.</remarks>
    public async Task<ClusterDescription> DescribeClusterAsync(DescribeClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DescribeClusterOptions();
        try
        {
            return await AskAsync(new DescribeClusterOperation(options), Route.Any, options, cancellationToken).ConfigureAwait(false);
        }
        catch (UnsupportedVersionException) when (!options.IncludeFencedBrokers)
        {
            return await AskAsync(new ClusterMetadataOperation(options.IncludeAuthorizedOperations), Route.Any, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Describes the features that a broker supports and those that the cluster has finalized (KIP-584). Needs brokers from 2.4.</summary>
    /// <param name="brokerId">The broker that is asked; null for any.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <remarks>Clients that speak ApiVersions below version 4 are not told of features whose lowest level is 0.</remarks>
    public Task<FeatureDescription> DescribeFeaturesAsync(int? brokerId = null, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeFeaturesOperation(), brokerId is { } id ? Route.ToBroker(id) : Route.Any, options, cancellationToken);

    /// <summary>Changes the levels of features (KIP-584). Needs brokers from 2.7. From 4.0 on all of them change, or none.</summary>
    /// <param name="updates">The level of each feature.</param>
    /// <param name="options">How the call is carried out, and whether it only validates (from 3.3 on).</param>
    /// <param name="cancellationToken">Ends the waiting; levels may be changed all the same.</param>
    public Task<AdminOutcome<string>> UpdateFeaturesAsync(
        IReadOnlyDictionary<string, FeatureUpdate> updates, AdminChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        return ChangeAsync(new UpdateFeaturesOperation(updates, options?.ValidateOnly ?? false, BrokerLimitOf(options)), updates.Keys, options, cancellationToken);
    }

    /// <summary>Describes the quorum of controllers that keeps the metadata log (KIP-595). Needs a KRaft cluster.</summary>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<QuorumDescription> DescribeMetadataQuorumAsync(AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeQuorumOperation(), Route.Any, options, cancellationToken);

    /// <summary>Gives a controller that runs already a vote in the metadata quorum (KIP-853). Needs brokers from 3.9, and a quorum that is not static.</summary>
    /// <param name="voterId">The controller's node id.</param>
    /// <param name="directoryId">The id of its metadata directory, as <c>meta.properties</c> has it.</param>
    /// <param name="endpoints">Where it listens.</param>
    /// <param name="options">How the call is carried out, and which cluster is meant.</param>
    /// <param name="cancellationToken">Ends the waiting; the voter may be added all the same.</param>
    /// <exception cref="KafkaException">It has a vote already (<c>DUPLICATE_VOTER</c>), cannot be reached, or the cluster is another.</exception>
    public Task AddRaftVoterAsync(
        int voterId, Guid directoryId, IEnumerable<RaftEndpoint> endpoints, RaftVoterOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = new AddRaftVoterRequest
        {
            ClusterId = options?.ClusterId,
            TimeoutMs = (int)BrokerLimitOf(options).TotalMilliseconds,
            VoterId = voterId,
            VoterDirectoryId = directoryId,
            Listeners = [.. endpoints.Select(e => new AddRaftVoterRequest.Listener { Name = e.Listener, Host = e.Host, Port = e.Port })],
        };
        return AskAsync(new AddRaftVoterOperation(request), Route.Any, options, cancellationToken);
    }

    /// <summary>Takes a controller's vote in the metadata quorum away (KIP-853). Needs brokers from 3.9.</summary>
    /// <param name="voterId">The controller's node id.</param>
    /// <param name="directoryId">The id of its metadata directory.</param>
    /// <param name="options">How the call is carried out, and which cluster is meant.</param>
    /// <param name="cancellationToken">Ends the waiting; the voter may be removed all the same.</param>
    /// <exception cref="KafkaException">It has no vote (<c>VOTER_NOT_FOUND</c>), or the cluster is another.</exception>
    public Task RemoveRaftVoterAsync(int voterId, Guid directoryId, RaftVoterOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(
            new RemoveRaftVoterOperation(new RemoveRaftVoterRequest { ClusterId = options?.ClusterId, VoterId = voterId, VoterDirectoryId = directoryId }),
            Route.Any,
            options,
            cancellationToken);

    /// <summary>Removes the registration of a broker that is gone for good. Needs a KRaft cluster from 2.8 on.</summary>
    /// <param name="brokerId">The broker's id.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; the broker may be unregistered all the same.</param>
    /// <exception cref="KafkaException">There is no such broker (<c>BROKER_ID_NOT_REGISTERED</c>).</exception>
    public Task UnregisterBrokerAsync(int brokerId, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new UnregisterBrokerOperation(brokerId), Route.Any, options, cancellationToken);

    /// <summary>Sends any request of the protocol, and gives its answer as it came: errors within it are the caller's to read.</summary>
    /// <typeparam name="TResponse">The answer that goes with the request.</typeparam>
    /// <param name="request">The request, of <see cref="Milena.Kafka.Protocol.Messages"/>.</param>
    /// <param name="target">The broker that it goes to.</param>
    /// <param name="options">How the call is carried out, and the highest version to speak.</param>
    /// <param name="cancellationToken">Ends the waiting; the broker may do what was asked all the same.</param>
    /// <exception cref="UnsupportedVersionException">The broker does not speak the API, or in no version that carries what is asked.</exception>
    /// <exception cref="KafkaException">There was no answer. If the connection broke the request is sent again until the time is over.</exception>
    public Task<TResponse> SendAsync<TResponse>(
        IRequest<TResponse> request, RequestTarget target = default, RawRequestOptions? options = null, CancellationToken cancellationToken = default)
        where TResponse : IResponse<TResponse>
    {
        ArgumentNullException.ThrowIfNull(request);
        return AskAsync(new RawOperation<TResponse>(request, options?.MaxVersion), target.Route, options, cancellationToken);
    }
}
