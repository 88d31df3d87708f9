using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Quotas;

/// <summary>The quotas of the cluster, and how much of them is used at each broker. Thread-safe.</summary>
internal sealed class ClientQuotas(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QuotaEntity, SortedDictionary<string, double>> _quotas = [];
    private readonly Dictionary<(int Broker, string Key, string User, string ClientId), RateMeter> _meters = [];
    private readonly Dictionary<(string User, string ClientId), TokenBucket> _mutations = [];
    private readonly Dictionary<(int Broker, string Ip), RateMeter> _connections = [];

    public void Alter(QuotaEntity entity, IEnumerable<(string Key, double? Value)> changes)
    {
        lock (_gate)
        {
            if (!_quotas.TryGetValue(entity, out SortedDictionary<string, double>? values))
            {
                _quotas[entity] = values = new SortedDictionary<string, double>(StringComparer.Ordinal);
            }

            foreach ((string key, double? value) in changes)
            {
                if (value is { } set)
                {
                    values[key] = set;
                }
                else
                {
                    values.Remove(key);
                }
            }

            if (values.Count == 0)
            {
                _quotas.Remove(entity);
            }
        }
    }

    public IReadOnlyList<(QuotaEntity Entity, IReadOnlyList<KeyValuePair<string, double>> Values)> Find(Func<QuotaEntity, bool> filter)
    {
        lock (_gate)
        {
            return [.. _quotas.Where(quota => filter(quota.Key)).Select(quota => (quota.Key, (IReadOnlyList<KeyValuePair<string, double>>)[.. quota.Value]))];
        }
    }

    /// <summary>The limit that holds for a client, in Kafka's order of precedence; null for none.</summary>
    public QuotaLimit? LimitOf(string key, string user, string clientId)
    {
        QuotaName anyone = default;
        var own = new QuotaName(user);
        var ownId = new QuotaName(clientId);
        lock (_gate)
        {
            return Shared(own, ownId)
                ?? Shared(own, anyone)
                ?? Limit(own, null, user, "")
                ?? Shared(anyone, ownId)
                ?? Shared(anyone, anyone)
                ?? Limit(anyone, null, user, "")
                ?? Limit(null, ownId, "", clientId)
                ?? Limit(null, anyone, "", clientId);
        }

        QuotaLimit? Shared(QuotaName asUser, QuotaName asClientId) => Limit(asUser, asClientId, user, clientId);

        QuotaLimit? Limit(QuotaName? asUser, QuotaName? asClientId, string sharedByUser, string sharedByClientId) =>
            _quotas.TryGetValue(new QuotaEntity(asUser, asClientId, null), out SortedDictionary<string, double>? values) && values.TryGetValue(key, out double limit)
                ? new QuotaLimit(limit, sharedByUser, sharedByClientId)
                : null;
    }

    /// <summary>Counts what a client has used of a quota at a broker.</summary>
    /// <returns>How long it has to wait until it is within the limit again.</returns>
    public TimeSpan Use(int broker, string key, string user, string clientId, double amount)
    {
        if (LimitOf(key, user, clientId) is not { } limit)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            (int, string, string, string) id = (broker, key, limit.User, limit.ClientId);
            if (!_meters.TryGetValue(id, out RateMeter? meter))
            {
                _meters[id] = meter = new RateMeter();
            }

            return meter.Record(amount, limit.PerSecond, time.GetUtcNow());
        }
    }

    /// <summary>Charges partitions that a client creates or deletes. The controller counts, so it is one count for the cluster.</summary>
    /// <param name="user">The user.</param>
    /// <param name="clientId">The client id.</param>
    /// <param name="partitions">How many.</param>
    /// <param name="isStrict">Whether a client that is in debt may do nothing; if not, all goes through, and the client has to wait.</param>
    /// <returns>How long it has to wait. Not zero: if strict, nothing was charged.</returns>
    public TimeSpan UseMutations(string user, string clientId, int partitions, bool isStrict)
    {
        if (LimitOf(QuotaKeys.ControllerMutationRate, user, clientId) is not { } limit)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            if (!_mutations.TryGetValue((limit.User, limit.ClientId), out TokenBucket? bucket))
            {
                _mutations[(limit.User, limit.ClientId)] = bucket = new TokenBucket();
            }

            DateTimeOffset now = time.GetUtcNow();
            return isStrict ? bucket.TakeIfPaid(partitions, limit.PerSecond, now) : bucket.Take(partitions, limit.PerSecond, now);
        }
    }

    /// <summary>Counts a connection from an address to a broker (KIP-612).</summary>
    /// <returns>How long it takes until there is room for another one. Not zero: this one is one too many, and does not count.</returns>
    public TimeSpan UseConnection(int broker, string ip)
    {
        lock (_gate)
        {
            if (ConnectionRateOf(ip) is not { } limit)
            {
                return TimeSpan.Zero;
            }

            if (!_connections.TryGetValue((broker, ip), out RateMeter? meter))
            {
                _connections[(broker, ip)] = meter = new RateMeter();
            }

            DateTimeOffset now = time.GetUtcNow();
            TimeSpan wait = meter.Record(1, limit, now);
            if (wait > TimeSpan.Zero)
            {
                meter.Record(-1, limit, now);
            }

            return wait;
        }
    }

    private double? ConnectionRateOf(string ip)
    {
        foreach (string? name in (string?[])[ip, null])
        {
            if (_quotas.GetValueOrDefault(new QuotaEntity(null, null, new QuotaName(name)))?.TryGetValue(QuotaKeys.ConnectionCreationRate, out double limit) == true)
            {
                return limit;
            }
        }

        return null;
    }
}
