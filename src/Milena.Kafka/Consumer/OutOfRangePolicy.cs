namespace Milena.Kafka;

/// <summary>What a consumer does when its position is not in the log: older than what retention left, or newer than the end.</summary>
public enum OutOfRangePolicy
{
    /// <summary>Goes on at the oldest record that is there. Records may come a second time; none that still exists is missed.</summary>
    Earliest,

    /// <summary>Goes on behind the newest record. What lies between is missed.</summary>
    Latest,

    /// <summary>Ends the reading with an <see cref="OffsetOutOfRangeException"/>; the caller decides and seeks.</summary>
    Fail,
}
