using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The loggers of a broker and their levels (KIP-412). The embedded cluster logs nothing; the levels are kept.</summary>
internal static class LoggerSchema
{
    private const string Root = "root";

    private static readonly string[] Levels = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

    public static ConfigSchema Schema { get; } = new(
        [
            .. ((string[])[Root, "kafka", "kafka.controller", "kafka.log.LogCleaner", "kafka.request.logger", "kafka.server.KafkaApis", "org.apache.kafka", "state.change.logger"])
                .Select(name => new ConfigDefinition(name, ConfigType.Unknown, "INFO", "", Check)),
        ],
        name => new Refusal(ErrorCode.InvalidConfig, $"Logger {name} does not exist!"));

    /// <summary>What cannot be done to loggers at all; null if nothing of it is asked for.</summary>
    public static Refusal? Check(IEnumerable<ConfigEdit> edits)
    {
        foreach (ConfigEdit edit in edits)
        {
            if (edit.Operation is AlterConfigOp.Append or AlterConfigOp.Subtract)
            {
                return new Refusal(ErrorCode.InvalidRequest, $"{edit.Operation.ToString().ToUpperInvariant()} operation is not allowed for the BROKER_LOGGER resource");
            }

            if (edit is { Operation: AlterConfigOp.Delete, Name: Root })
            {
                return new Refusal(ErrorCode.InvalidRequest, $"Removing the log level of the {Root} logger is not allowed");
            }
        }

        return null;
    }

    private static string? Check(string level) =>
        Levels.Contains(level) ? null : $"it is not a supported log level. Valid log levels are {string.Join(", ", Levels)}";
}
