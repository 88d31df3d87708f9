using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Quotas;

/// <summary>The quotas of the cluster, and how much of them is used at each broker. Thread-safe.</summary>
internal sealed class ClientQuotas(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QuotaEntity, SortedDictionary<string, double>> _quotas = [];
    private readonly Dictionary<(int Broker, string Key, string User, string ClientId), RateMeter> _meters = [];

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
}
