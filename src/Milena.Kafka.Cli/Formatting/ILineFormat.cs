namespace Milena.Kafka.Cli.Formatting;

/// <summary>How a line of the input is a record.</summary>
internal interface ILineFormat
{
    /// <summary>The record of a line; null if the line is nothing at all. The record may keep the line's memory.</summary>
    /// <exception cref="MalformedLineException">The line is no record.</exception>
    ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? Read(ReadOnlyMemory<byte> line);
}
