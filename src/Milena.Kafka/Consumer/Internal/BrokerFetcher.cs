using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Fetches from one broker, one request in flight, until the consumer closes. Its session is its own; positions belong to the <see cref="FetchState"/>.</summary>
internal sealed class BrokerFetcher
{
    /// <summary>The highest version in which requests name topics by their names.</summary>
    private const short LastVersionByName = 12;

    private readonly FetchSession _session = new();
    private readonly Wakeup _wakeup = new();
    private readonly FetchEngine _engine;
    private readonly ConsumerOptions _options;
    private readonly ExponentialBackoff _backoff;
    private TimeSpan _lastAnswer = TimeSpan.MinValue / 2;
    private bool _byId;
    private int _failures;
    private long _buffered;

    public BrokerFetcher(int brokerId, FetchEngine engine, ConsumerOptions options, ExponentialBackoff backoff)
    {
        BrokerId = brokerId;
        _engine = engine;
        _options = options;
        _backoff = backoff;
    }

    public int BrokerId { get; }

    public void Wake() => _wakeup.Set();

    /// <summary>Counts an answer among the bytes that are kept ready.</summary>
    public void Buffer(long bytes) => Interlocked.Add(ref _buffered, bytes);

    /// <summary>An answer was handed out.</summary>
    public void Unbuffer(long bytes)
    {
        Interlocked.Add(ref _buffered, -bytes);
        Wake();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            FetchPlan plan = _engine.Plan(BrokerId, Interlocked.Read(ref _buffered), _lastAnswer);
            if (plan.Pause is { } pause)
            {
                await _wakeup.WaitAsync(pause, _engine.Time, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await FetchAsync(plan, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task FetchAsync(FetchPlan plan, CancellationToken cancellationToken)
    {
        long started = _engine.Metrics.Now;
        try
        {
            Connection connection = await _engine.Pool.GetAsync(BrokerId, ConnectionPurpose.Fetch, cancellationToken).ConfigureAwait(false);
            short limit = plan.HasTopicIds ? short.MaxValue : LastVersionByName;
            short version = connection.Versions.Negotiate(Apis.Fetch, limit);
            if (EpochCheck.Doubtful(plan, connection.Versions, version) is { Count: > 0 } doubtful)
            {
                OffsetForLeaderEpochResponse ends = await connection.SendAsync(EpochCheck.Question(doubtful), cancellationToken).ConfigureAwait(false);
                _engine.Landing.Take(BrokerId, doubtful, ends);
                return;
            }

            FetchRequest request = CreateRequest(plan, version);
            var options = new RequestOptions(version, _engine.Options.RequestTimeout + _options.FetchMaxWait);
            OwnedResponse<FetchResponse> owned = await connection.SendOwnedAsync(request, options, cancellationToken).ConfigureAwait(false);
            _engine.Metrics.Fetched(BrokerId, started, SharedResponse.SizeOf(owned.Response), null);
            if (Take(plan, owned))
            {
                _failures = 0;
                return;
            }
        }
        catch (KafkaException failure)
        {
            // What the broker made of the request is not known, so its session is not either.
            _session.Reset();
            _engine.Metrics.Fetched(BrokerId, started, null, failure);
            _engine.Landing.BrokerFailed(BrokerId, plan, failure);
        }

        await Task.Delay(_backoff.Pause(++_failures), _engine.Time, cancellationToken).ConfigureAwait(false);
    }

    private FetchRequest CreateRequest(FetchPlan plan, short version)
    {
        bool byId = version > LastVersionByName;
        if (byId != _byId)
        {
            // A session goes by ids or by names, never by both (FETCH_SESSION_TOPIC_ID_ERROR).
            _byId = byId;
            _session.Reset();
        }

        var wanted = new List<KeyValuePair<FetchKey, FetchPosition>>(plan.Targets.Count);
        foreach (FetchTarget target in plan.Targets)
        {
            // The field came with version 12, and a version without it refuses to carry it.
            wanted.Add(new(KeyOf(target), version >= 12 ? target.Position : target.Position with { LastFetchedEpoch = -1 }));
        }

        var request = new FetchRequest
        {
            MaxWaitMs = plan.HoldsBack ? 0 : (int)_options.FetchMaxWait.TotalMilliseconds,
            MinBytes = _options.FetchMinBytes,
            MaxBytes = plan.MaxBytes,
            IsolationLevel = (sbyte)_options.IsolationLevel,
            RackId = _options.RackId,
        };
        _session.Fill(request, wanted);
        return request;
    }

    private FetchKey KeyOf(in FetchTarget target) =>
        new(_byId ? target.TopicId : Guid.Empty, _byId ? "" : target.State.Partition.Topic, target.State.Partition.Partition);

    /// <summary>Hands the answer's partitions on.</summary>
    /// <returns>False if the answer is void since the session has ended.</returns>
    private bool Take(FetchPlan plan, OwnedResponse<FetchResponse> owned)
    {
        var response = new SharedResponse(owned, this);
        try
        {
            _lastAnswer = _engine.Now;
            if (!_session.Take(response.Response))
            {
                _engine.Landing.SessionEnded(BrokerId, plan, response.Response.ErrorCode);
                return false;
            }

            Dictionary<FetchKey, FetchTarget> targets = plan.Targets.ToDictionary(t => KeyOf(t));
            foreach (FetchResponse.FetchableTopicResponse topic in response.Response.Responses)
            {
                foreach (FetchResponse.PartitionData partition in topic.Partitions)
                {
                    var key = new FetchKey(_byId ? topic.TopicId : Guid.Empty, _byId ? "" : topic.Topic, partition.PartitionIndex);
                    if (targets.TryGetValue(key, out FetchTarget target))
                    {
                        _engine.Landing.Take(target, partition, response);
                    }
                }
            }

            return true;
        }
        finally
        {
            response.Release();
        }
    }
}
