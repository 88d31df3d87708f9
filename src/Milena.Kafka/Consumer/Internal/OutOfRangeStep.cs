namespace Milena.Kafka.Consumer.Internal;

/// <summary>What follows from an offset that is not in the log.</summary>
internal enum OutOfRangeStep
{
    /// <summary>First something else: what is buffered is handed out, or the leader is asked.</summary>
    Wait,

    /// <summary>The partition was sent to the place that the options name.</summary>
    Reset,

    /// <summary>The user decides.</summary>
    Fail,
}
