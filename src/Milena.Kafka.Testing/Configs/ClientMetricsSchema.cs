using System.Globalization;
using System.Text.RegularExpressions;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Telemetry;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings of subscriptions to clients' metrics (KIP-714).</summary>
internal static class ClientMetricsSchema
{
    public const string Interval = "interval.ms";
    public const string Match = "match";
    public const string Metrics = "metrics";

    private static readonly HashSet<string> Selectors =
    [
        ClientOrigin.InstanceId, ClientOrigin.ClientId, ClientOrigin.SoftwareName, ClientOrigin.SoftwareVersion, ClientOrigin.SourceAddress, ClientOrigin.SourcePort,
    ];

    public static ConfigSchema Schema { get; } = new(
        [
            new(Interval, ConfigType.Int, "300000", "How often clients push their metrics."),
            new(Match, ConfigType.List, "", "Which clients are meant, as selector=pattern."),
            new(Metrics, ConfigType.List, "", "The names that the wanted metrics begin with; * for all."),
        ],
        name => new Refusal(ErrorCode.InvalidRequest, $"Unknown client metrics configuration: {name}"),
        Check);

    private static Refusal? Check(Func<string, string> valueOf)
    {
        string interval = valueOf(Interval);
        if (int.Parse(interval, CultureInfo.InvariantCulture) is < 100 or > 3_600_000)
        {
            return new Refusal(ErrorCode.InvalidRequest, $"Invalid value {interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)");
        }

        string? bad = Split(valueOf(Match)).FirstOrDefault(pattern => pattern.Split('=') is not [var selector, var expression] || !Selectors.Contains(selector.Trim()) || !IsRegex(expression));
        return bad is null ? null : new Refusal(ErrorCode.InvalidConfig, $"Illegal client matching pattern: {bad}");
    }

    /// <summary>The parts of a list.</summary>
    public static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsRegex(string expression)
    {
        try
        {
            _ = new Regex(expression);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
