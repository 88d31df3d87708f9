namespace Milena.Kafka.Consumer.Internal;

/// <summary>How a start position is given.</summary>
internal enum StartKind
{
    /// <summary>The oldest record.</summary>
    Beginning,

    /// <summary>Behind the newest record.</summary>
    End,

    /// <summary>An offset.</summary>
    Offset,

    /// <summary>The first record from a time on.</summary>
    Timestamp,
}
