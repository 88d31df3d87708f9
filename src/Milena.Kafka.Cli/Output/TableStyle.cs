namespace Milena.Kafka.Cli.Output;

/// <summary>Who reads a <see cref="Table"/>.</summary>
internal enum TableStyle
{
    /// <summary>A person: aligned columns under their heads.</summary>
    Columns,

    /// <summary>A pipe: a line a row without heads, tabs between the fields.</summary>
    Tabs,

    /// <summary>A program: one JSON object a line.</summary>
    Json,
}
