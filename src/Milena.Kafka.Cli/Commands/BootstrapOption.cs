using System.CommandLine;

namespace Milena.Kafka.Cli.Commands;

/// <summary>Where the cluster is: <c>-b</c>, else the environment.</summary>
internal static class BootstrapOption
{
    public const string Variable = "MILENA_BOOTSTRAP";

    public static Option<string> Create() => new("--bootstrap", "-b")
    {
        Description = $"Brokers to ask first, as host:port, comma between. Default: the environment variable {Variable}.",
        HelpName = "HOST:PORT",
    };

    /// <summary>The options of a client for a person in front of a terminal, who does not want to wait a minute for an error.</summary>
    public static KafkaClientOptions ClientOptions(string? bootstrap)
    {
        string servers = bootstrap ?? Environment.GetEnvironmentVariable(Variable) ?? "";
        return servers.Length > 0
            ? new KafkaClientOptions { BootstrapServers = servers, ClientId = "milena-cli", ApiTimeout = TimeSpan.FromSeconds(15) }
            : throw new ArgumentException($"No cluster is named. Use -b HOST:PORT or set {Variable}.");
    }
}
