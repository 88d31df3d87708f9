using System.CommandLine;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest produce</c>.</summary>
internal static class ProduceCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var acks = new Option<string>("--acks") { Description = "0, 1 or all; all is idempotent.", DefaultValueFactory = _ => "all" };
        acks.AcceptOnlyFromAmong("0", "1", "all");
        var compression = new Option<CompressionType>("--compression") { Description = "The codec of the batches.", DefaultValueFactory = _ => CompressionType.None };
        var rate = new Option<double>("--rate") { Description = "Records per second that are due, open-loop; 0 for as fast as they go.", HelpName = "R" };
        var group = new Option<int>("--await") { Description = "0: enqueue, and flush at the end. N: await deliveries in groups of N.", HelpName = "0|N" };
        var threads = new Option<int>("--threads") { Description = "Calling threads.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var keys = new Option<int>("--keys") { Description = "Different keys; 0 for records without a key.", HelpName = "N" };
        var linger = new Option<double?>("--linger") { Description = "Milliseconds; without it the client's default.", HelpName = "MS" };
        var batchSize = new Option<int?>("--batch-size") { Description = "Bytes; without it the client's default.", HelpName = "BYTES" };
        var duration = new Option<double?>("--duration") { Description = "Seconds of the timed part instead of --records; resident memory is noted every 10 s.", HelpName = "S" };
        var sample = new Option<int>("--sample") { Description = "One record of so many has its latency measured; 0 chooses by the rate.", HelpName = "N" };
        var command = new Command("produce", "Produces records.") { acks, compression, rate, group, threads, keys, linger, batchSize, duration, sample };
        shared.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            LoadSettings settings = shared.Read(parsed) with
            {
                Acks = ParseAcks(parsed.GetRequiredValue(acks)),
                Compression = parsed.GetValue(compression),
                Rate = parsed.GetValue(rate),
                Await = parsed.GetValue(group),
                Threads = parsed.GetValue(threads),
                Keys = parsed.GetValue(keys),
                Linger = parsed.GetValue(linger) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
                BatchSize = parsed.GetValue(batchSize),
                Duration = parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Sample = parsed.GetValue(sample),
            };
            return await Runs.PrintAsync(settings, ProduceRun.RunAsync);
        });
        return command;
    }

    private static Acks ParseAcks(string text) => text switch
    {
        "0" => Acks.None,
        "1" => Acks.Leader,
        _ => Acks.All,
    };
}
