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

    /// <summary>The first record of a span of time up to now.</summary>
    Ago,

    /// <summary>What the group has stored.</summary>
    Committed,
}
