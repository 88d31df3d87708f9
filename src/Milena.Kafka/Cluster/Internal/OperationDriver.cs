using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Common;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Carries out operations: routing, splitting by broker, version, deadline, back-off, metadata refresh, coordinator look-up.</summary>
internal sealed class OperationDriver
{
    private readonly KafkaClientOptions _options;
    private readonly MetadataCache _metadata;
    private readonly BrokerPool _brokers;
    private readonly CoordinatorCache _coordinators;
    private readonly ExponentialBackoff _backoff;
    private readonly ExponentialBackoff _soon;
    private readonly ILogger _log;

    public OperationDriver(KafkaClientOptions options, MetadataCache metadata, BrokerPool brokers, CoordinatorCache coordinators, Random random)
    {
        _options = options;
        _metadata = metadata;
        _brokers = brokers;
        _coordinators = coordinators;
        _backoff = new ExponentialBackoff(options.RetryBackoff, options.RetryBackoffMax, random);
        _soon = Recovery.SoonBackoff(random);
        _log = options.LoggerFactory.CreateLogger("Milena.Kafka.Cluster");
    }

    /// <summary>Carries out an operation of one part.</summary>
    /// <exception cref="KafkaException">It failed.</exception>
    public async Task<TResult> RunAsync<TKey, TRequest, TResponse, TResult>(
        Operation<TKey, TRequest, TResponse, TResult> operation, TKey key, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        Dictionary<TKey, Answer<TResult>> answers = await RunAsync(operation, [key], null, cancellationToken).ConfigureAwait(false);
        return answers[key].Value;
    }

    /// <summary>Carries out an operation of many parts. Every part has an answer of its own.</summary>
    public async Task<Dictionary<TKey, Answer<TResult>>> RunAsync<TKey, TRequest, TResponse, TResult>(
        Operation<TKey, TRequest, TResponse, TResult> operation, IReadOnlyCollection<TKey> keys, TimeSpan? timeout, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        var run = new OperationRun<TKey, TRequest, TResponse, TResult>(operation, keys);
        TimeSpan limit = timeout ?? _options.ApiTimeout;
        using var deadline = new CancellationTokenSource(limit, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await RunAsync(run, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Time may have run out in the middle of a look-up, before the part itself learned of any failure.
            run.GiveUp(limit, _metadata.LastFailure);
        }
        catch (OperationCanceledException end) when (cancellationToken.IsCancellationRequested && end.CancellationToken != cancellationToken)
        {
            // Callers compare the exception's token with their own.
            throw new OperationCanceledException($"{run.Operation.Api.Key} was cancelled. What a broker did with it is not known.", end, cancellationToken);
        }

        return run.Answers;
    }

    private async Task RunAsync<TKey, TRequest, TResponse, TResult>(OperationRun<TKey, TRequest, TResponse, TResult> run, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        for (int attempt = 1; ; attempt++)
        {
            ILookup<Route, TKey> byBroker = await ResolveAsync(run, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(byBroker.Select(group => AskAsync(run, group.Key, [.. group], cancellationToken))).ConfigureAwait(false);
            RecoveryAction needed = run.Settle();
            if (run.Pending.Count == 0)
            {
                return;
            }

            Log.OperationRetried(_log, run.Operation.Api.Key, run.LastFailure);
            await RecoverAsync(run, needed, cancellationToken).ConfigureAwait(false);
            await Task.Delay((needed == RecoveryAction.RetrySoon ? _soon : _backoff).Pause(attempt), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Groups the open parts by the broker that each goes to now; parts without one are noted as failed for this round.</summary>
    private async Task<ILookup<Route, TKey>> ResolveAsync<TKey, TRequest, TResponse, TResult>(
        OperationRun<TKey, TRequest, TResponse, TResult> run, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        (Route Route, TKey Key)[] wanted = [.. run.Pending.Select(key => (run.Operation.RouteOf(key), key))];
        IReadOnlyDictionary<CoordinatorKey, KafkaException> lost = await LookUpAsync(
            [.. wanted.Where(w => w.Route.Kind == RouteKind.Coordinator).Select(w => w.Route.CoordinatorKey).Where(c => _coordinators.Find(c) is null).Distinct()],
            cancellationToken).ConfigureAwait(false);
        var resolved = new List<(Route Route, TKey Key)>(wanted.Length);
        var unknown = new Dictionary<string, UnknownTopicException>();
        foreach ((Route route, TKey key) in wanted)
        {
            if (route.Kind == RouteKind.Coordinator && lost.TryGetValue(route.CoordinatorKey, out KafkaException? reason))
            {
                run.Note(key, reason);
                continue;
            }

            try
            {
                // A topic that is not there is looked for once, not once for each of its partitions.
                if (route.Kind == RouteKind.Leader && unknown.TryGetValue(route.Partition.Topic, out UnknownTopicException? fault))
                {
                    throw fault;
                }

                TimeSpan patience = run.Operation.TopicPatience ?? _options.ApiTimeout;
                resolved.Add((await ResolveAsync(route, run.HasRefreshed, patience, cancellationToken).ConfigureAwait(false), key));
            }
            catch (KafkaException failure)
            {
                run.Note(key, failure);
                if (failure is UnknownTopicException missing)
                {
                    unknown[missing.Topic] = missing;
                }
            }
        }

        return resolved.ToLookup(r => r.Route, r => r.Key);
    }

    private async ValueTask<Route> ResolveAsync(Route route, bool isFresh, TimeSpan patience, CancellationToken cancellationToken)
    {
        switch (route.Kind)
        {
            case RouteKind.Controller:
                if (_metadata.Current.ControllerId < 0)
                {
                    await _metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
                }

                // Without a known controller any broker passes the request on, or says NOT_CONTROLLER.
                int controller = _metadata.Current.ControllerId;
                return _metadata.Current.Brokers.ContainsKey(controller) ? Route.ToBroker(controller) : Route.Any;
            case RouteKind.Leader:
                return Route.ToBroker(await LeaderOfAsync(route.Partition, isFresh, patience, cancellationToken).ConfigureAwait(false));
            case RouteKind.Coordinator:
                BrokerEndpoint coordinator = await CoordinatorOfAsync(route.CoordinatorKey, cancellationToken).ConfigureAwait(false);
                return Route.ToBroker(coordinator.Id);
            case RouteKind.Broker when !isFresh && !_metadata.Current.Brokers.ContainsKey(route.BrokerId):
                await _metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
                return route;
            default:
                return route;
        }
    }

    private async ValueTask<int> LeaderOfAsync(TopicPartition partition, bool isFresh, TimeSpan patience, CancellationToken cancellationToken)
    {
        TopicMetadata topic = await _metadata.GetTopicAsync(partition.Topic, allowCreation: false, patience, cancellationToken).ConfigureAwait(false);
        if ((uint)partition.Partition >= (uint)topic.Partitions.Count)
        {
            string fault = $"Topic '{topic.Name}' has {topic.Partitions.Count} partitions, numbered from 0; there is no partition {partition.Partition}.";
            throw isFresh
                ? new UnknownPartitionException(partition, fault)
                : new KafkaException(ErrorCode.UnknownTopicOrPartition, fault);
        }

        int leader = topic.Partitions[partition.Partition].LeaderId;
        return leader >= 0 ? leader : throw new KafkaException(ErrorCode.LeaderNotAvailable, $"{partition} has no leader at the moment.");
    }

    /// <summary>Looks for coordinators in one go and once only, so that one that is not found does not hold up the others.</summary>
    /// <returns>Those that were not found, and why.</returns>
    private async Task<IReadOnlyDictionary<CoordinatorKey, KafkaException>> LookUpAsync(IReadOnlyList<CoordinatorKey> unknown, CancellationToken cancellationToken)
    {
        if (unknown.Count == 0)
        {
            return FrozenDictionary<CoordinatorKey, KafkaException>.Empty;
        }

        var run = new OperationRun<CoordinatorKey, FindCoordinatorRequest, FindCoordinatorResponse, BrokerEndpoint>(new FindCoordinatorOperation(), unknown);
        await AskAsync(run, Route.Any, unknown, cancellationToken).ConfigureAwait(false);
        foreach ((CoordinatorKey key, Answer<BrokerEndpoint> found) in run.Answers)
        {
            _coordinators.Remember(key, found.Value);
        }

        if (run.Answers.Values.Any(found => !_metadata.Current.Brokers.ContainsKey(found.Value.Id)))
        {
            try
            {
                await _metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException failure)
            {
                run.Note(unknown, failure);
            }
        }

        return run.Failures;
    }

    /// <summary>The broker that coordinates a group or transaction.</summary>
    public async ValueTask<BrokerEndpoint> CoordinatorOfAsync(CoordinatorKey key, CancellationToken cancellationToken)
    {
        if (_coordinators.Find(key) is { } known)
        {
            return known;
        }

        BrokerEndpoint found = await RunAsync(new FindCoordinatorOperation(), key, cancellationToken).ConfigureAwait(false);
        _coordinators.Remember(key, found);
        if (!_metadata.Current.Brokers.ContainsKey(found.Id))
        {
            await _metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    private async Task AskAsync<TKey, TRequest, TResponse, TResult>(
        OperationRun<TKey, TRequest, TResponse, TResult> run, Route route, IReadOnlyList<TKey> keys, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        try
        {
            Connection connection = route.Kind == RouteKind.Broker
                ? await _brokers.GetAsync(route.BrokerId, ConnectionPurpose.General, cancellationToken).ConfigureAwait(false)
                : await _brokers.GetAnyAsync(cancellationToken).ConfigureAwait(false);
            short version = connection.Versions.Negotiate(run.Operation.Api, run.Operation.MaxVersion);
            run.Operation.Meet(connection.Versions);
            keys = run.Sayable(keys, version);
            foreach (TKey[] part in keys.Chunk(run.Operation.KeysPerRequest(version)))
            {
                TRequest request = run.Operation.CreateRequest(part, version);
                TResponse response = await connection.SendAsync(request, new RequestOptions(version, IsInline: run.Operation.IsInline), cancellationToken).ConfigureAwait(false);
                run.Read(part, response);
            }
        }
        catch (UnsupportedFieldException fault)
        {
            run.Note(keys, new UnsupportedVersionException(fault.Message, fault));
        }
        catch (KafkaException failure)
        {
            run.Note(keys, failure);
        }
    }

    private async Task RecoverAsync<TKey, TRequest, TResponse, TResult>(
        OperationRun<TKey, TRequest, TResponse, TResult> run, RecoveryAction needed, CancellationToken cancellationToken)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        foreach (TKey key in run.Pending)
        {
            Route route = run.Operation.RouteOf(key);
            if (route.Kind == RouteKind.Coordinator && needed is RecoveryAction.FindCoordinator or RecoveryAction.RefreshMetadata)
            {
                _coordinators.Forget(route.CoordinatorKey);
            }
        }

        if (needed == RecoveryAction.RefreshMetadata)
        {
            try
            {
                await _metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
                run.HasRefreshed = true;
            }
            catch (KafkaException failure)
            {
                // The next round tries again; if time runs out meanwhile, this is why.
                run.LastFailure = failure.Message;
            }
        }
    }
}
