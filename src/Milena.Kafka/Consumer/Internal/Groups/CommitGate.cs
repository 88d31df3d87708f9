namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Whether the group would take a commit now.</summary>
internal enum CommitGate
{
    /// <summary>Yes.</summary>
    Open,

    /// <summary>Yes, for the last time: partitions are being given up, and nothing goes on before that has ended.</summary>
    Closing,

    /// <summary>Not before the rebalance that is under way has ended.</summary>
    Waiting,

    /// <summary>No: the membership is gone, and with it all partitions.</summary>
    Closed,
}
