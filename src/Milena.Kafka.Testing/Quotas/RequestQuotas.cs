using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Handlers;

namespace Milena.Kafka.Testing.Quotas;

/// <summary>Charges requests and connections to the quotas of their clients, and decides how long a connection has to be silent (KIP-13, KIP-124, KIP-219, KIP-599, KIP-612).</summary>
internal sealed class RequestQuotas(ClientQuotas quotas)
{
    // Kafka's window: the share of a broker's threads is never paid off for longer.
    private static readonly TimeSpan LongestForTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestForConnection = TimeSpan.FromSeconds(1);

    /// <summary>Charges a request that was served.</summary>
    /// <param name="context">The request.</param>
    /// <param name="response">Its answer, which is told; null for none. A fetch that goes beyond its quota gets an empty one.</param>
    /// <param name="busy">How long it kept a thread busy.</param>
    /// <returns>How long the connection has to be silent.</returns>
    public TimeSpan Charge(RequestContext context, IResponse? response, TimeSpan busy)
    {
        TimeSpan forTime = Use(context, QuotaKeys.RequestPercentage, busy.TotalSeconds * 100);
        forTime = forTime < LongestForTime ? forTime : LongestForTime;
        TimeSpan forBytes = (context.Request.Body, response) switch
        {
            (ProduceRequest, _) => Use(context, QuotaKeys.ProducerByteRate, context.Request.Size),
            (FetchRequest, FetchResponse) => Use(context, QuotaKeys.ConsumerByteRate, response.GetSize(context.Version)),
            _ => TimeSpan.Zero,
        };
        TimeSpan throttle = new[] { forTime, forBytes, context.MutationThrottle }.Max();
        if (throttle == TimeSpan.Zero)
        {
            return throttle;
        }

        if (response is FetchResponse fetched)
        {
            // What is not sent is not charged: the client comes again for it.
            Use(context, QuotaKeys.ConsumerByteRate, -response.GetSize(context.Version));
            fetched.Responses.Clear();
            fetched.NodeEndpoints.Clear();
        }

        if (response is not null && response.ThrottleTime < throttle)
        {
            response.ThrottleTime = throttle;
        }

        return throttle;
    }

    /// <summary>Charges partitions that a client creates or deletes.</summary>
    /// <inheritdoc cref="ClientQuotas.UseMutations"/>
    public TimeSpan ChargeMutations(RequestContext context, int partitions, bool isStrict) =>
        quotas.UseMutations(context.Client.Identity.Name, context.Request.ClientId ?? "", partitions, isStrict);

    /// <summary>Charges a new connection.</summary>
    /// <returns>How long it is held until it is closed; zero if it is served.</returns>
    public TimeSpan ChargeConnection(int broker, string ip)
    {
        TimeSpan wait = quotas.UseConnection(broker, ip);
        return wait < LongestForConnection ? wait : LongestForConnection;
    }

    /// <summary>The most bytes that a client may be given at once: more would never be within its quota.</summary>
    public int MaxFetchBytes(RequestContext context) =>
        quotas.LimitOf(QuotaKeys.ConsumerByteRate, context.Client.Identity.Name, context.Request.ClientId ?? "") is { } limit
            ? (int)Math.Min(int.MaxValue, limit.PerSecond * RateMeter.Burst)
            : int.MaxValue;

    private TimeSpan Use(RequestContext context, string key, double amount) =>
        quotas.Use(context.Broker.Id, key, context.Client.Identity.Name, context.Request.ClientId ?? "", amount);
}
