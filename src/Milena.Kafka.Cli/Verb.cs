using System.CommandLine;

namespace Milena.Kafka.Cli;

/// <summary>A command whose help shows how it is used.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines without the program's name. A test parses each of them.</summary>
    public required IReadOnlyList<string> Examples { get; init; }
}
