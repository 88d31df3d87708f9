using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Faults;

namespace Milena.Kafka.Testing;

/// <content>What goes wrong on purpose, and what arrived.</content>
public sealed partial class TestCluster
{
    /// <summary>Answers the next requests of an API with an error instead of serving them.</summary>
    /// <param name="api">The API.</param>
    /// <param name="error">The error, in every place of the answer that takes one.</param>
    /// <param name="count">How many requests, of all brokers.</param>
    /// <remarks>Several calls follow one another: the second error comes when the first has been used up.</remarks>
    public void FailNext(ApiKey api, ErrorCode error, int count = 1) => Fail(api, error, new FaultScope { Count = count });

    /// <summary>Answers one request of an API with an error instead of serving it.</summary>
    /// <param name="api">The API.</param>
    /// <param name="n">Which, counted from 1 and from now on.</param>
    /// <param name="error">The error, in every place of the answer that takes one.</param>
    public void FailNth(ApiKey api, int n, ErrorCode error) => Fail(api, error, new FaultScope { Skip = n - 1 });

    /// <summary>Answers certain requests of an API with an error.</summary>
    /// <param name="api">The API.</param>
    /// <param name="error">The error.</param>
    /// <param name="scope">Which requests, and whether they are carried out nevertheless.</param>
    public void Fail(ApiKey api, ErrorCode error, FaultScope scope) => _services.Faults.Add(new Fault(api, scope) { Error = error });

    /// <summary>Holds the next request of an API back for a while.</summary>
    /// <param name="api">The API.</param>
    /// <param name="delay">How long, by the cluster's clock.</param>
    /// <param name="scope">Which requests; <see langword="null"/> for the next one.</param>
    public void DelayNext(ApiKey api, TimeSpan delay, FaultScope? scope = null) =>
        _services.Faults.Add(new Fault(api, scope ?? new FaultScope()) { Delay = delay });

    /// <summary>Closes the connection that the next request of an API comes on, instead of answering.</summary>
    /// <param name="api">The API.</param>
    /// <param name="scope">
    /// Which requests; <see langword="null"/> for the next one. With <see cref="FaultScope.AfterHandling"/> the request is carried out, and only the
    /// answer is lost.
    /// </param>
    public void DropConnection(ApiKey api, FaultScope? scope = null) =>
        _services.Faults.Add(new Fault(api, scope ?? new FaultScope()) { Drops = true });

    /// <summary>Lets requests of an API wait until they are released.</summary>
    /// <param name="api">The API.</param>
    /// <param name="scope">
    /// Which requests; <see langword="null"/> for all. With <see cref="FaultScope.AfterHandling"/> the request is carried out, and only the answer waits.
    /// </param>
    /// <returns>What releases them. They are released too when the cluster is disposed.</returns>
    public RequestHold Hold(ApiKey api, FaultScope? scope = null)
    {
        var hold = new RequestHold();
        _services.Faults.Add(new Fault(api, scope ?? new FaultScope { Count = int.MaxValue }) { Hold = hold });
        return hold;
    }

    /// <summary>How long each answer to Produce asks its client to send nothing on the connection, as brokers do when a quota is used up (KIP-219).</summary>
    /// <value>Zero. The brokers do not enforce it.</value>
    public TimeSpan ProduceThrottle
    {
        get => _state.ProduceThrottle;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _state.ProduceThrottle = value;
        }
    }

    /// <summary>Takes back all faults that are still to come and releases what is held.</summary>
    public void ClearFaults()
    {
        _services.Faults.Clear();
        _transactions.Holds.ReleaseAll();
    }

    /// <summary>Serves an API up to a version only, as an older release does, or up to an unreleased one.</summary>
    /// <param name="api">The API.</param>
    /// <param name="version">The highest version.</param>
    /// <exception cref="ArgumentException">The API is not served, or not in this version.</exception>
    public void MaxVersion(ApiKey api, short version) => _services.Served.Limit(api, null, version);

    /// <summary>Serves an API from a version on only, as a newer release does.</summary>
    /// <param name="api">The API.</param>
    /// <param name="version">The lowest version.</param>
    /// <exception cref="ArgumentException">The API is not served, or not in this version.</exception>
    public void MinVersion(ApiKey api, short version) => _services.Served.Limit(api, version, null);

    /// <summary>Serves an API no more, as a release does that came before it.</summary>
    /// <param name="api">The API.</param>
    public void HideApi(ApiKey api) => _services.Served.Hide(api);

    /// <summary>The requests of an API that arrived at any broker, oldest first.</summary>
    /// <param name="api">The API.</param>
    /// <remarks>At most <see cref="TestClusterOptions.MaxReceivedRequests"/> and <see cref="TestClusterOptions.MaxReceivedBytes"/> are kept.</remarks>
    public IReadOnlyList<ReceivedRequest> Received(ApiKey api) => _services.Journal.Received(api);

    /// <summary>The requests of one type that arrived at any broker, oldest first.</summary>
    /// <typeparam name="TRequest">The type of the request.</typeparam>
    /// <remarks>At most <see cref="TestClusterOptions.MaxReceivedRequests"/> and <see cref="TestClusterOptions.MaxReceivedBytes"/> are kept.</remarks>
    public IReadOnlyList<TRequest> Received<TRequest>()
        where TRequest : class, IRequest, new() =>
        [.. Received(new TRequest().Api.Key).Select(request => (TRequest)request.Body)];

    /// <summary>How many requests of an API have arrived since the cluster was started, kept or not.</summary>
    /// <param name="api">The API.</param>
    public long ReceivedCount(ApiKey api) => _services.Journal.Count(api);

    /// <summary>Waits until requests of an API have arrived; they need not have been answered yet.</summary>
    /// <param name="api">The API.</param>
    /// <param name="count">How many, counted from the start of the cluster.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForAsync(ApiKey api, long count = 1, CancellationToken cancellationToken = default) =>
        _services.Journal.WaitForAsync(api, count, cancellationToken);
}
