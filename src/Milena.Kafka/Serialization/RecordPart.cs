namespace Milena.Kafka;

/// <summary>The part of a record that is serialized.</summary>
public enum RecordPart
{
    /// <summary>The key.</summary>
    Key,

    /// <summary>The value.</summary>
    Value,
}
