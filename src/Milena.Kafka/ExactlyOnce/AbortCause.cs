namespace Milena.Kafka;

/// <summary>Why an <see cref="ExactlyOnceLoop{TKey, TValue, TOutKey, TOutValue}"/> aborted a transaction.</summary>
public enum AbortCause
{
    /// <summary>The handler threw.</summary>
    Handler,

    /// <summary>A partition that the transaction had read from went to another member of the group, or may have.</summary>
    Rebalance,

    /// <summary>A record or an offset could not be stored, or the coordinator of the transaction refused to go on.</summary>
    Output,

    /// <summary>The loop was stopped, and the handler did not end within <see cref="ExactlyOnceOptions.StopTimeout"/>; or it ended by an exception.</summary>
    Stop,
}
