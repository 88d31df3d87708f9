using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Milena.Kafka.Cli;

/// <summary>The help of a command, with its examples behind it.</summary>
internal sealed class ExamplesHelp(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  milena {example}");
            }

            output.WriteLine();
        }

        return result;
    }
}
