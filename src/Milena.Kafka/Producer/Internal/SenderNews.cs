namespace Milena.Kafka.Producer.Internal;

/// <summary>What a caller tells a sender loop of.</summary>
internal enum SenderNews
{
    /// <summary>A batch was opened.</summary>
    Opened,

    /// <summary>A batch takes no more records.</summary>
    Closed,

    /// <summary>Someone flushes or waits for room: open batches are to go.</summary>
    Hurry,
}
