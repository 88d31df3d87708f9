namespace Milena.Kafka.Cli.Formatting;

/// <summary>A line of the input is no record.</summary>
/// <param name="column">Where in the line, in bytes, counted from 1.</param>
/// <param name="message">What is wrong there.</param>
internal sealed class MalformedLineException(long column, string message) : Exception(message)
{
    public long Column { get; } = column;
}
