namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What a look at the reader has brought to light. Ordered by how bad it is.</summary>
internal enum PollVerdict
{
    Fine,

    /// <summary>The user, who had been given up, is back.</summary>
    CameBack,

    /// <summary>Two thirds of the time are over.</summary>
    Late,

    /// <summary>The time is over.</summary>
    Exceeded,
}
