namespace Milena.Kafka.LoadTest;

/// <summary>What typed records hold beside their key, which is a string.</summary>
internal enum ValueKind
{
    /// <summary>Nothing is kept: the deserializer looks at the span of the stored bytes. Confluent.Kafka takes arrays instead.</summary>
    Span,

    /// <summary>A string.</summary>
    String,

    /// <summary>An array of its own.</summary>
    Bytes,
}
