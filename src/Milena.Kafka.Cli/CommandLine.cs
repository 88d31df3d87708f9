using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Milena.Kafka.Cli.Commands;

namespace Milena.Kafka.Cli;

/// <summary>The verbs of <c>milena</c>, and how each end of one becomes an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = CreateRoot().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"milena: {error.Message}").ConfigureAwait(false);
            }

            await Console.Error.WriteLineAsync("Try 'milena --help', or '--help' behind a verb.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) };
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception fault) when (fault is KafkaException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"milena: {fault.Message}").ConfigureAwait(false);
            return ExitCode.Cluster;
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or SocketException or NotSupportedException)
        {
            await Console.Error.WriteLineAsync($"milena: {fault.Message}").ConfigureAwait(false);
            return ExitCode.Usage;
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("milena: a command line for Apache Kafka.");
        root.Subcommands.Add(BrokerCommand.Create());
        root.Subcommands.Add(ProduceCommand.Create());
        root.Subcommands.Add(ConsumeCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        return root;
    }
}
