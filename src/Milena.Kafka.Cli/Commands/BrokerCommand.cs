using System.CommandLine;
using System.Runtime.CompilerServices;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena broker</c>: the embedded cluster as a process of its own, for any client.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        var brokers = new Option<int>("--brokers") { Description = "How many brokers.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var port = new Option<int>("--port") { Description = "The port of the first broker; the others take the next ones. 0 takes free ones.", DefaultValueFactory = _ => 9092, HelpName = "PORT" };
        var partitions = new Option<int>("--partitions") { Description = "Partitions of a topic that is created on first use.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var command = new Verb("broker", "Runs an embedded cluster on this machine until Ctrl-C. Nothing is stored on disk.") { Examples = ["broker --brokers 3 --port 9092"] };
        command.Options.Add(brokers);
        command.Options.Add(port);
        command.Options.Add(partitions);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(brokers), parsed.GetValue(port), parsed.GetValue(partitions), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int brokers, int port, int partitions, CancellationToken cancellationToken)
    {
        var options = new TestClusterOptions { FirstPort = port, DefaultPartitions = partitions };
        TestCluster cluster = await TestCluster.StartAsync(brokers, options, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable running = cluster.ConfigureAwait(false);
        await Console.Out.WriteLineAsync($"ready {cluster.BootstrapServers}").ConfigureAwait(false);
        await Console.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = cancellationToken.Register(interrupted.SetResult);
        await interrupted.Task.ConfigureAwait(false);
        return ExitCode.Interrupted;
    }
}
