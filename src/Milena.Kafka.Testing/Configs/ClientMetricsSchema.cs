using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings of subscriptions to clients' metrics (KIP-714).</summary>
internal static class ClientMetricsSchema
{
    private static readonly HashSet<string> Selectors =
        ["client_instance_id", "client_id", "client_software_name", "client_software_version", "client_source_address", "client_source_port"];

    public static ConfigSchema Schema { get; } = new(
        [
            new("interval.ms", ConfigType.Int, "300000", "How often clients push their metrics."),
            new("match", ConfigType.List, "", "Which clients are meant, as selector=pattern."),
            new("metrics", ConfigType.List, "", "The names that the wanted metrics begin with; * for all."),
        ],
        name => new Refusal(ErrorCode.InvalidRequest, $"Unknown client metrics configuration: {name}"),
        Check);

    private static Refusal? Check(Func<string, string> valueOf)
    {
        string interval = valueOf("interval.ms");
        if (int.Parse(interval, CultureInfo.InvariantCulture) is < 100 or > 3_600_000)
        {
            return new Refusal(ErrorCode.InvalidRequest, $"Invalid value {interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)");
        }

        string? bad = valueOf("match").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(pattern => pattern.Split('=') is not [var selector, _] || !Selectors.Contains(selector.Trim()));
        return bad is null ? null : new Refusal(ErrorCode.InvalidConfig, $"Illegal client matching pattern: {bad}");
    }
}
