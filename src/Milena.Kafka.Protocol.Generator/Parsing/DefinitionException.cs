namespace Milena.Kafka.Protocol.Generator.Parsing;

/// <summary>A definition file breaks the grammar.</summary>
internal sealed class DefinitionException : Exception
{
    public DefinitionException(int line, string message) : base(message)
    {
        Line = line;
    }

    /// <summary>The line, counted from 1.</summary>
    public int Line { get; }
}
