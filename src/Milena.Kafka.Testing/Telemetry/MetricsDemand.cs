using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>What all subscriptions together want of one client. Immutable.</summary>
/// <param name="Metrics">What the names of wanted metrics begin with, each once and in order; only * for all, nothing for none.</param>
/// <param name="Interval">How often it is to push.</param>
/// <param name="Id">What names this demand of this client: it changes with what is wanted.</param>
internal sealed record MetricsDemand(IReadOnlyList<string> Metrics, TimeSpan Interval, int Id)
{
    private const string All = "*";

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(5);

    public static MetricsDemand Of(Guid instanceId, ClientOrigin client, IEnumerable<MetricsSubscription> subscriptions)
    {
        MetricsSubscription[] matching = [.. subscriptions.Where(subscription => subscription.IsFor(client))];
        string[] names = [.. matching.SelectMany(subscription => subscription.Metrics).Distinct().Order(StringComparer.Ordinal)];
        string[] metrics = names.Contains(All) ? [All] : names;
        TimeSpan interval = matching.Select(subscription => subscription.Interval).Append(DefaultInterval).Min();
        byte[] text = Encoding.UTF8.GetBytes(string.Join(',', [.. metrics, interval.ToString(), Uuid.ToText(instanceId)]));
        return new MetricsDemand(metrics, interval, (int)Crc32C.Compute(text));
    }
}
