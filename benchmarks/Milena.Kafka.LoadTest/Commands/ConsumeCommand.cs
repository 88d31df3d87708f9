using System.CommandLine;
using System.Text.Json.Nodes;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest consume</c>.</summary>
internal static class ConsumeCommand
{
    private const long StoredBytes = 512L * 1024 * 1024;

    public static Command Create()
    {
        var shared = new SharedOptions();
        var mode = new Option<ConsumeMode>("--mode") { Description = "How records are handed out; confluent knows records alone.", DefaultValueFactory = _ => ConsumeMode.Records };
        var value = new Option<ValueKind>("--value") { Description = "What typed records hold beside their string key.", DefaultValueFactory = _ => ValueKind.Span };
        var group = new Option<GroupProtocol?>("--group") { Description = "Reads as a member of a group by this protocol; without it partitions are assigned by hand." };
        var lone = new Option<bool>("--lone") { Description = "Produces each record when the one before has been consumed, and measures the latency from end to end." };
        var keys = new Option<int>("--keys") { Description = "Different keys; 0 for records without a key.", DefaultValueFactory = _ => 10_000, HelpName = "N" };
        var stored = new Option<long?>("--stored") { Description = "Records that an embedded cluster holds, to be read again and again; without it half a gibibyte.", HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "How often each client is measured.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var against = new Option<ClientKind?>("--against") { Description = "A client that is measured in turn with --client." };
        var command = new Command("consume", "Consumes all partitions of a topic from their beginning, again and again; an embedded cluster is filled before.")
        {
            mode, value, group, lone, keys, stored, rounds, against,
        };
        shared.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            LoadSettings settings = shared.Read(parsed);
            settings = settings with
            {
                Mode = parsed.GetValue(mode),
                Value = parsed.GetValue(value),
                GroupProtocol = parsed.GetValue(group),
                IsLone = parsed.GetValue(lone),
                Keys = parsed.GetValue(keys),
                Stored = parsed.GetValue(stored) ?? StoredBytes / settings.Size,
                Rounds = parsed.GetValue(rounds),
                Against = parsed.GetValue(against),
            };
            return await Runs.PrintAsync(settings, PrintAllButLastAsync);
        });
        return command;
    }

    /// <summary>Several rounds and clients each have a line; the last is printed by the caller.</summary>
    private static async Task<(JsonObject Report, bool IsGood)> PrintAllButLastAsync(LoadSettings settings)
    {
        JsonObject? last = null;
        await foreach (JsonObject report in ConsumeRun.RunAsync(settings))
        {
            if (last is not null)
            {
                await Console.Out.WriteLineAsync(last.ToJsonString());
            }

            last = report;
        }

        return (last ?? throw new InvalidOperationException("--rounds must be positive."), true);
    }
}
