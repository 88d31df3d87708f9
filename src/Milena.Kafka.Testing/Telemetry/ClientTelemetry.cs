using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.Handlers;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>
/// The clients that every broker knows by their telemetry, and what is wanted of them. A client whose demand has changed begins anew: it may ask and must not push. Thread-safe.
/// </summary>
internal sealed class ClientTelemetry(ConfigStore configs, TimeProvider time)
{
    /// <summary>The most bytes of one push, compressed.</summary>
    /// <remarks>Kafka calls this <c>telemetry.max.bytes</c>; its default.</remarks>
    public const int MaxBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Broker, Guid Id), ClientInstance> _instances = [];

    /// <summary>What is wanted of a client, if it may ask now.</summary>
    public (ErrorCode Error, MetricsDemand Demand) Ask(Guid instanceId, RequestContext context)
    {
        lock (_gate)
        {
            ClientInstance instance = Find(instanceId, context);
            return (instance.Ask(time.GetUtcNow()), instance.Demand);
        }
    }

    /// <summary>Whether a client's push is taken.</summary>
    public ErrorCode Push(Guid instanceId, in MetricsPush push, RequestContext context)
    {
        lock (_gate)
        {
            return Find(instanceId, context).Push(push, time.GetUtcNow(), MaxBytes);
        }
    }

    private ClientInstance Find(Guid instanceId, RequestContext context)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (((int Broker, Guid Id) key, ClientInstance silent) in _instances.Where(instance => now - instance.Value.LastSeen > instance.Value.Patience).ToArray())
        {
            _instances.Remove(key);
        }

        var demand = MetricsDemand.Of(instanceId, ClientOrigin.Of(instanceId, context), Subscriptions());
        if (!_instances.TryGetValue((context.Broker.Id, instanceId), out ClientInstance? known) || known.Demand.Id != demand.Id)
        {
            _instances[(context.Broker.Id, instanceId)] = known = new ClientInstance(demand);
        }

        return known;
    }

    private IEnumerable<MetricsSubscription> Subscriptions() =>
        from key in configs.Keys
        where key.Type == ConfigResourceType.ClientMetrics
        let set = configs.SetOn(key)
        select new MetricsSubscription(name => set.TryGetValue(name, out string? value) ? value : ClientMetricsSchema.Schema.Find(name)!.Default!);
}
