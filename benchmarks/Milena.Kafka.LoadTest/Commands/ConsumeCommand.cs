using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest consume</c>.</summary>
internal static class ConsumeCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var mode = new Option<ConsumeMode>("--mode") { Description = "How records are handed out; confluent knows records alone.", DefaultValueFactory = _ => ConsumeMode.Records };
        var command = new Command("consume", "Consumes all partitions of a topic from their beginning; an embedded cluster is filled before.") { mode };
        shared.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            LoadSettings settings = shared.Read(parsed) with { Mode = parsed.GetValue(mode) };
            return await Runs.PrintAsync(settings, async each => (await ConsumeRun.RunAsync(each), true));
        });
        return command;
    }
}
