using System.CommandLine;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena perf</c>: how fast a cluster takes and gives records.</summary>
internal static class PerfCommand
{
    public static Command Create() => new("perf", "Measures how fast a cluster takes and gives records.") { PerfProduceCommand.Create(), PerfConsumeCommand.Create() };
}
