using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>What a broker knows of one client that asks for subscriptions and pushes metrics: when it may do so (KIP-714). Pure: it has no clock. Guarded by <see cref="ClientTelemetry"/>.</summary>
internal sealed class ClientInstance(MetricsDemand demand)
{
    private DateTimeOffset _asked = DateTimeOffset.MinValue;
    private DateTimeOffset _pushed = DateTimeOffset.MinValue;
    private bool _mustAskAgain;
    private bool _isEnding;

    public MetricsDemand Demand { get; } = demand;

    /// <summary>When anything was heard of it last.</summary>
    public DateTimeOffset LastSeen { get; private set; }

    /// <summary>How long nothing may be heard of it until it is forgotten.</summary>
    public TimeSpan Patience => new[] { TimeSpan.FromMinutes(1), 3 * Demand.Interval }.Max();

    /// <summary>Whether the client may be told its subscriptions: once in an interval, or when it was told to ask again.</summary>
    public ErrorCode Ask(DateTimeOffset now)
    {
        LastSeen = now;
        DateTimeOffset last = _asked > _pushed ? _asked : _pushed;
        if (now - last < Demand.Interval && !_mustAskAgain)
        {
            return ErrorCode.ThrottlingQuotaExceeded;
        }

        _asked = now;
        _mustAskAgain = false;
        return ErrorCode.None;
    }

    /// <summary>Whether a push is taken.</summary>
    /// <param name="push">The push.</param>
    /// <param name="now">The time.</param>
    /// <param name="maxBytes">The most bytes that are taken at once.</param>
    public ErrorCode Push(in MetricsPush push, DateTimeOffset now, int maxBytes)
    {
        LastSeen = now;
        ErrorCode error = Check(push, now, maxBytes);
        _mustAskAgain = error is ErrorCode.UnknownSubscriptionId or ErrorCode.UnsupportedCompressionType;
        _isEnding = push.IsTerminating;
        return error;
    }

    private ErrorCode Check(in MetricsPush push, DateTimeOffset now, int maxBytes)
    {
        if (_isEnding)
        {
            return ErrorCode.InvalidRequest;
        }

        // The first push after the subscriptions were told comes after a random time, so as not to have all clients push at once.
        bool isDue = _asked > _pushed || now - _pushed >= Demand.Interval;
        if (isDue)
        {
            _pushed = now;
        }
        else if (!push.IsTerminating)
        {
            return ErrorCode.ThrottlingQuotaExceeded;
        }

        return push.SubscriptionId != Demand.Id ? ErrorCode.UnknownSubscriptionId
            : push.Compression is < CompressionType.None or > CompressionType.Zstd ? ErrorCode.UnsupportedCompressionType
            : push.Size > maxBytes ? ErrorCode.TelemetryTooLarge
            : ErrorCode.None;
    }
}
