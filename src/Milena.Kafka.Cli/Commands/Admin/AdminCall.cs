using System.CommandLine;
using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>One run of an <see cref="AdminVerb"/>: what was typed, who is asked, where the answer goes.</summary>
internal sealed record AdminCall(ParseResult Parsed, AdminClient Admin, bool IsJson, CancellationToken CancellationToken)
{
    public T Get<T>(Argument<T> argument) => Parsed.GetRequiredValue(argument);

    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>Prints rows for whoever reads them.</summary>
    /// <returns>Success.</returns>
    public int Print(Table table)
    {
        table.Write(Parsed.InvocationConfiguration.Output, Table.StyleFor(IsJson));
        return ExitCode.Success;
    }

    /// <summary>Prints rows about what succeeded, and tells what failed on the error output.</summary>
    /// <returns>Whether all of it succeeded.</returns>
    public int Print<TKey>(Table table, AdminOutcome<TKey> outcome)
        where TKey : notnull
    {
        Print(table);
        return Tell(outcome);
    }

    /// <summary>Prints what became of each resource of a change.</summary>
    /// <param name="outcome">What became of them.</param>
    /// <param name="what">What a resource is, such as "topic"; the name of the column.</param>
    /// <param name="done">What was done to those that succeeded, such as "created".</param>
    /// <returns>Whether all succeeded.</returns>
    public int Print<TKey>(AdminOutcome<TKey> outcome, string what, string done)
        where TKey : notnull
    {
        var table = new Table(what, "result");
        foreach (TKey key in outcome.Succeeded.OrderBy(key => key.ToString(), StringComparer.Ordinal))
        {
            table.Add(key, done);
        }

        return Print(table, outcome);
    }

    /// <summary>Prints what became of the one resource of a change.</summary>
    public int PrintDone(string what, object resource, string done)
    {
        var table = new Table(what, "result");
        table.Add(resource, done);
        return Print(table);
    }

    private int Tell<TKey>(AdminOutcome<TKey> outcome)
        where TKey : notnull
    {
        foreach (KafkaException failure in outcome.Failures.Values)
        {
            Parsed.InvocationConfiguration.Error.WriteLine($"milena: {ErrorLine.Of(failure)}");
        }

        return outcome.Failures.Count == 0 ? ExitCode.Success : ExitCode.Cluster;
    }
}
