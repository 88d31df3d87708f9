namespace Milena.Kafka.Cli.Tests.Verbs;

/// <summary>How a verb is tried in each of its forms. In all texts <c>{0}</c> stands for the form, so that each has an effect of its own.</summary>
/// <param name="Line">The verb and what is typed behind it.</param>
/// <param name="Piped">A pattern that what a pipe gets matches, of a table one of its lines.</param>
internal sealed record VerbTrial(string Line, string Piped)
{
    /// <summary>The heads of the table that it prints, as a person sees them, two blanks between; null if it prints none.</summary>
    public string? Heads { get; init; }

    /// <summary>A pattern that what a person sees matches. Of a table it is the line of the pipe, with blanks for tabs.</summary>
    public string? Seen { get; init; }

    /// <summary>What it reads from its input.</summary>
    public string Input { get; init; } = "";

    /// <summary>What a terminal shows before a person types the input, which it does not show.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What it writes before it is ended by Ctrl-C; null if it ends by itself.</summary>
    public string? Until { get; init; }

    public int ExitCode { get; init; }

    public bool NamesCluster { get; init; } = true;

    /// <summary>Makes what it is about.</summary>
    public Func<VerbStage, string, Task>? Before { get; init; }

    /// <summary>Reads back what it has done.</summary>
    public Func<VerbStage, string, Task>? After { get; init; }

    public override string ToString() => Line;
}
