using System.Globalization;
using System.Text.RegularExpressions;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>Which metrics are wanted of which clients, and how often; one resource CLIENT_METRICS. Immutable.</summary>
internal sealed class MetricsSubscription
{
    private readonly (string Attribute, Regex Pattern)[] _match;

    /// <param name="valueOf">The value that counts of a setting.</param>
    public MetricsSubscription(Func<string, string> valueOf)
    {
        Metrics = ClientMetricsSchema.Split(valueOf(ClientMetricsSchema.Metrics));
        Interval = TimeSpan.FromMilliseconds(int.Parse(valueOf(ClientMetricsSchema.Interval), CultureInfo.InvariantCulture));
        _match = [.. ClientMetricsSchema.Split(valueOf(ClientMetricsSchema.Match)).Select(pattern => pattern.Split('=')).Select(parts => (parts[0].Trim(), new Regex($"^(?:{parts[1].Trim()})$")))];
    }

    /// <summary>What the names of wanted metrics begin with; * for all.</summary>
    public IReadOnlyList<string> Metrics { get; }

    public TimeSpan Interval { get; }

    public bool IsFor(ClientOrigin client) => _match.All(match => client.Attributes[match.Attribute] is { Length: > 0 } value && match.Pattern.IsMatch(value));
}
