using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Milena.Kafka.Cli.Commands;
using Milena.Kafka.Cli.Commands.Admin;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli;

/// <summary>The verbs of <c>milena</c>, and how each end of one becomes an exit code.</summary>
internal static class CommandLine
{
    // A text that begins with '@', such as a password, is no file of further arguments.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Parse(args);
        if (Complaint(parsed) is { } complaint)
        {
            await Console.Error.WriteLineAsync($"milena: {complaint}").ConfigureAwait(false);
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
            await Console.Error.WriteLineAsync($"milena: {ErrorLine.Of(fault)}").ConfigureAwait(false);
            return ExitCode.Cluster;
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or SocketException or NotSupportedException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"milena: {ErrorLine.Of(fault)}").ConfigureAwait(false);
            return ExitCode.Usage;
        }
    }

    internal static ParseResult Parse(IReadOnlyList<string> args) => CreateRoot().Parse(args, Parsing);

    internal static RootCommand CreateRoot()
    {
        var root = new RootCommand("milena: a command line for Apache Kafka.")
        {
            BrokerCommand.Create(),
            ProduceCommand.Create(),
            ConsumeCommand.Create(),
            TopicsCommand.Create(),
            ConfigsCommand.Create(),
            GroupsCommand.Create(),
            OffsetsCommand.Create(),
            AclsCommand.Create(),
            UsersCommand.Create(),
            QuotasCommand.Create(),
            TokensCommand.Create(),
            ClusterCommand.Create(),
            ReassignCommand.Create(),
            TransactionsCommand.Create(),
            PerfCommand.Create(),
            VerifyCommand.Create(),
            CompletionCommand.Create(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        OptionRules.CheckTypes(root);
        return root;
    }

    /// <summary>What is wrong with a command line, and where to read how it is right; null if nothing is.</summary>
    internal static string? Complaint(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0 || parsed.Action is ExamplesHelp)
        {
            return null;
        }

        string verb = "";
        for (CommandResult command = parsed.CommandResult; command.Parent is CommandResult parent; command = parent)
        {
            verb = $"{command.Command.Name} {verb}";
        }

        return $"{string.Join(' ', Complaints(parsed))} Try 'milena {verb}--help'.";
    }

    /// <summary>What is wrong with a command line, each with the word that was probably meant.</summary>
    private static IEnumerable<string> Complaints(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] words = [.. command.Subcommands.Select(c => c.Name), .. command.Options.SelectMany(o => o.Aliases.Append(o.Name))];
        // Behind a verb that is not known nothing else can be.
        string[] unmatched = [.. command.Subcommands.Count > 0 ? parsed.UnmatchedTokens.Take(1) : parsed.UnmatchedTokens];
        if (command.Subcommands.Count > 0 && unmatched.Length == 0)
        {
            return [$"A verb is missing: {string.Join(", ", command.Subcommands.Select(c => c.Name))}."];
        }

        IEnumerable<string> strangers = unmatched.Select(word => $"'{word}' is not known here.{Nearest.Hint(word, words)}");

        // A command that was mistyped is missing as well; that need not be said twice.
        IEnumerable<string> others = parsed.Errors.Select(e => e.Message).Where(m => !unmatched.Any(word => m.Contains($"'{word}'", StringComparison.Ordinal)));
        return unmatched.Length > 0 && command.Subcommands.Count > 0 ? strangers : strangers.Concat(others);
    }
}
