using System.CommandLine;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena verify</c>: black boxes for tests of faults.</summary>
internal static class VerifyCommand
{
    public static Command Create() => new("verify", "Watches what becomes of records while something goes wrong.") { VerifyProduceCommand.Create(), VerifyConsumeCommand.Create(), VerifyTransformCommand.Create() };
}
