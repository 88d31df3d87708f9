namespace Milena.Kafka.Producer.Internal;

/// <summary>What a sender loop wants to be woken for. A wake-up that it can do nothing with costs as much as hundreds of records.</summary>
internal enum SenderAppetite
{
    /// <summary>Everything.</summary>
    Any,

    /// <summary>Not for batches that were just opened: requests are on their way, and the loop looks by itself when the first of them is due.</summary>
    Closed,

    /// <summary>Nothing: no further request may go. The answer to one that is on its way wakes the loop, which then looks at all there is.</summary>
    Nothing,
}
