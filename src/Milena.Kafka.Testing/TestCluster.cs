using System.Net;
using System.Net.Sockets;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.Network;
using Milena.Kafka.Testing.Quotas;
using Milena.Kafka.Testing.Security;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Telemetry;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing;

/// <summary>
/// A Kafka cluster within the process, over real sockets, for tests of any client: kcat, librdkafka, kafkajs, Java or this one. Thread-safe.
/// </summary>
/// <remarks>
/// All replicas of a partition are one log in memory: what is stored is replicated at once, and a new leader has all of it.
/// Logs are deleted and compacted as the settings of topics say, by the cluster's clock; see <see cref="CleanLogs(string?)"/>. Settings of one broker are kept and told,
/// but topics obey those of all brokers only.
/// </remarks>
public sealed partial class TestCluster : IAsyncDisposable
{
    private readonly ClusterState _state;
    private readonly GroupCoordinator _groups;
    private readonly TransactionCoordinator _transactions;
    private readonly LogKeeper _logs;
    private readonly RequestServices _services;
    private readonly SortedDictionary<int, Broker> _brokers = [];
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private long _lastConnectionId;
    private bool _isDisposed;

    private TestCluster(TestClusterOptions options)
    {
        _state = new ClusterState(options);
        _groups = new GroupCoordinator(_state);
        var incidents = new Incidents();
        _transactions = new TransactionCoordinator(_state, _groups, incidents);
        _logs = new LogKeeper(_state);
        var served = new ServedApis();
        var quotas = new ClientQuotas(options.TimeProvider);
        var telemetry = new ClientTelemetry(_state.Configs, options.TimeProvider);
        var handlers = new HandlerTable(
        [
            .. CreateHandlers(served, _groups, _transactions),
            .. CreateTransactionHandlers(_groups, _transactions),
            new DescribeClientQuotasHandler(quotas),
            new AlterClientQuotasHandler(quotas),
            new GetTelemetrySubscriptionsHandler(telemetry),
            new PushTelemetryHandler(telemetry),
        ]);
        served.Add(handlers.Apis);
        _services = new RequestServices(
            served,
            handlers,
            new FaultPlan(),
            new RequestJournal(options.MaxReceivedRequests, options.MaxReceivedBytes),
            incidents,
            new BrokerSecurity(options.Security, options.Host, options.TimeProvider),
            new RequestQuotas(quotas),
            _logs);
    }

    /// <summary>The addresses of all brokers, as <c>host:port,host:port</c>, running or not.</summary>
    public string BootstrapServers => string.Join(',', _brokers.Values.Select(broker => $"{broker.State.Host}:{broker.State.Port}"));

    /// <summary>The ids of all brokers, running or not: 1, 2, 3 and so on.</summary>
    public IReadOnlyList<int> BrokerIds => [.. _brokers.Keys];

    /// <summary>The cluster id that clients are told.</summary>
    public string ClusterId => _state.ClusterId;

    /// <summary>Connections that brokers closed because they could not read or do not serve what came, oldest first; at most the last 1,000.</summary>
    public IReadOnlyList<RejectedRequest> Rejections => _services.Incidents.Rejections;

    /// <summary>Exceptions that brokers met and should not have: faults of the cluster itself. <see cref="DisposeAsync"/> throws them.</summary>
    public IReadOnlyList<Exception> Errors => _services.Incidents.Errors;

    /// <summary>Starts a cluster. It serves when the task has ended.</summary>
    /// <param name="brokers">How many brokers.</param>
    /// <param name="options">How it is set up; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">The options contradict themselves; the message has all faults.</exception>
    /// <exception cref="SocketException">A port is taken, or the address is not one of this machine.</exception>
    public static async Task<TestCluster> StartAsync(int brokers = 1, TestClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TestClusterOptions copy = (options ?? new TestClusterOptions()).Copy();
        copy.Validate(brokers);
        var cluster = new TestCluster(copy);
        try
        {
            cluster.Open(brokers);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops a broker: it closes its port and all connections, and partitions that it led get another leader, if there is one.</summary>
    /// <param name="brokerId">The broker. One that does not run stays as it is.</param>
    /// <exception cref="ArgumentException">There is no such broker.</exception>
    public async Task StopBrokerAsync(int brokerId)
    {
        Broker broker = FindBroker(brokerId);
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            await StopAsync(broker).ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Starts a broker again, on the port that it had.</summary>
    /// <param name="brokerId">The broker. One that runs stays as it is.</param>
    /// <exception cref="ArgumentException">There is no such broker.</exception>
    /// <exception cref="SocketException">Its port is taken by now.</exception>
    public async Task StartBrokerAsync(int brokerId)
    {
        Broker broker = FindBroker(brokerId);
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (broker.Listener is null)
            {
                Socket socket = BrokerListener.Bind(IPAddress.Parse(broker.State.Host), broker.State.Port);
                _state.SetAlive(brokerId, true);
                _groups.FollowCoordinators();
                _transactions.FollowCoordinators();
                Serve(broker, socket);
            }
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Stops all brokers.</summary>
    /// <exception cref="AggregateException">A broker met an exception that it should not have, see <see cref="Errors"/>.</exception>
    public async ValueTask DisposeAsync()
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            ClearFaults();
            foreach (Broker broker in _brokers.Values.Where(broker => broker.Listener is not null))
            {
                await broker.Listener!.DisposeAsync().ConfigureAwait(false);
                broker.Listener = null;
            }

            _transactions.Dispose();
            _groups.Dispose();
        }
        finally
        {
            _lifecycle.Release();
        }

        if (Errors is { Count: > 0 } errors)
        {
            throw new AggregateException("Brokers of the test cluster met exceptions that they should not have.", errors);
        }
    }

    private static IEnumerable<IRequestHandler> CreateHandlers(ServedApis served, GroupCoordinator groups, TransactionCoordinator transactions)
    {
        var features = new ClusterFeatures(served, groups, transactions);
        yield return new ApiVersionsHandler(served, features);
        yield return new UpdateFeaturesHandler(features);
        yield return new MetadataHandler();
        yield return new ProduceHandler(transactions);
        yield return new FetchHandler();
        yield return new ListOffsetsHandler();
        yield return new OffsetForLeaderEpochHandler();
        yield return new CreateTopicsHandler();
        yield return new DeleteTopicsHandler();
        yield return new DeleteRecordsHandler();
        yield return new CreatePartitionsHandler();
        yield return new DescribeTopicPartitionsHandler();
        yield return new DescribeConfigsHandler();
        yield return new AlterConfigsHandler();
        yield return new IncrementalAlterConfigsHandler();
        yield return new ListConfigResourcesHandler();
        yield return new ElectLeadersHandler(transactions);
        yield return new AlterPartitionReassignmentsHandler(transactions);
        yield return new ListPartitionReassignmentsHandler();
        yield return new DescribeLogDirsHandler();
        yield return new AlterReplicaLogDirsHandler();
        yield return new DescribeQuorumHandler();
        yield return new AddRaftVoterHandler();
        yield return new RemoveRaftVoterHandler();
        yield return new UnregisterBrokerHandler(groups, transactions);
        yield return new FindCoordinatorHandler();
        yield return new DescribeClusterHandler();
        yield return new JoinGroupHandler(groups);
        yield return new SyncGroupHandler(groups);
        yield return new HeartbeatHandler(groups);
        yield return new LeaveGroupHandler(groups);
        yield return new OffsetCommitHandler(groups);
        yield return new OffsetFetchHandler(groups);
        yield return new OffsetDeleteHandler(groups);
        yield return new ConsumerGroupHeartbeatHandler(groups);
        yield return new ConsumerGroupDescribeHandler(groups);
        yield return new ListGroupsHandler(groups);
        yield return new DescribeGroupsHandler(groups);
        yield return new DeleteGroupsHandler(groups);
        yield return new ShareGroupDescribeHandler(groups);
        yield return new DescribeShareGroupOffsetsHandler(groups);
        yield return new AlterShareGroupOffsetsHandler(groups);
        yield return new DeleteShareGroupOffsetsHandler(groups);
        yield return new StreamsGroupDescribeHandler(groups);
        yield return new SaslHandshakeHandler();
        yield return new SaslAuthenticateHandler();
        yield return new CreateAclsHandler();
        yield return new DescribeAclsHandler();
        yield return new DeleteAclsHandler();
        yield return new DescribeUserScramCredentialsHandler();
        yield return new AlterUserScramCredentialsHandler();
        yield return new CreateDelegationTokenHandler();
        yield return new RenewDelegationTokenHandler();
        yield return new ExpireDelegationTokenHandler();
        yield return new DescribeDelegationTokenHandler();
    }

    private static IEnumerable<IRequestHandler> CreateTransactionHandlers(GroupCoordinator groups, TransactionCoordinator transactions)
    {
        yield return new InitProducerIdHandler(transactions);
        yield return new AddPartitionsToTxnHandler(transactions);
        yield return new AddOffsetsToTxnHandler(transactions);
        yield return new TxnOffsetCommitHandler(groups, transactions);
        yield return new EndTxnHandler(transactions);
        yield return new WriteTxnMarkersHandler();
        yield return new DescribeTransactionsHandler(transactions);
        yield return new ListTransactionsHandler(transactions);
        yield return new DescribeProducersHandler();
    }

    private void Open(int brokers)
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < brokers; i++)
            {
                Socket socket = BrokerListener.Bind(IPAddress.Parse(_state.Options.Host), _state.Options.PortOf(i));
                sockets.Add(socket);
                var state = new BrokerState(
                    i + 1,
                    _state.Options.Host,
                    ((IPEndPoint)socket.LocalEndPoint!).Port,
                    _state.Options.Racks.ElementAtOrDefault(i),
                    new FetchSessions(_state.NextSessionId, _state.Time));
                _state.AddBroker(state);
                _brokers.Add(state.Id, new Broker(state));
            }
        }
        catch
        {
            // A later port is taken: the ones before it have no listener yet that would give them back.
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }

        // Nobody is served before all are known: the first Metadata answer names every broker.
        foreach ((Broker broker, Socket socket) in _brokers.Values.Zip(sockets))
        {
            Serve(broker, socket);
        }
    }

    private void Serve(Broker broker, Socket socket)
    {
        var dispatcher = new RequestDispatcher(broker.State, _state, _services);
        broker.Listener = BrokerListener.Start(
            socket,
            client => new BrokerConnection(
                client,
                Interlocked.Increment(ref _lastConnectionId),
                _state.Options.MaxRequestBytes,
                dispatcher,
                _services.Security,
                _state.Time,
                _services.Incidents),
            _services.Incidents.AddError);
    }

    private async Task StopAsync(Broker broker)
    {
        if (broker.Listener is not { } listener)
        {
            return;
        }

        broker.Listener = null;
        _state.SetAlive(broker.State.Id, false);
        _groups.FollowCoordinators();
        _transactions.FollowCoordinators();
        await listener.DisposeAsync().ConfigureAwait(false);
        broker.State.FetchSessions.Clear();
    }

    private Broker FindBroker(int brokerId) =>
        _brokers.TryGetValue(brokerId, out Broker? broker) ? broker : throw new ArgumentException($"There is no broker {brokerId}.", nameof(brokerId));

    /// <summary>A broker and, while it runs, its listener. Guarded by the life-cycle semaphore.</summary>
    private sealed class Broker(BrokerState state)
    {
        public BrokerState State { get; } = state;

        public BrokerListener? Listener { get; set; }
    }
}
