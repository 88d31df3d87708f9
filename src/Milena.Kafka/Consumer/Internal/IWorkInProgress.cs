namespace Milena.Kafka.Consumer.Internal;

/// <summary>Records that the reader has passed on and that are not finished yet. Called under the lock of the <see cref="FetchState"/>; has a lock of its own below that.</summary>
internal interface IWorkInProgress
{
    /// <summary>Whether no handler runs, and a number that changes when another one is the one that runs longest.</summary>
    (bool IsIdle, long Oldest) Handlers { get; }

    /// <summary>The offset up to which all of a partition is finished.</summary>
    /// <param name="state">The partition.</param>
    /// <param name="passed">The offset up to which the reader has passed it on, read before.</param>
    long Progress(PartitionState state, long passed);

    /// <summary>Whether a handler of a partition runs.</summary>
    bool IsBusyWith(PartitionState state);

    /// <summary>Begins no more handlers of a partition; those that run may finish.</summary>
    void Revoke(PartitionState state);

    /// <summary>Begins no more handlers of a partition; those that run are told that they do not count any more.</summary>
    void Abandon(PartitionState state);

    /// <summary>A partition is gone: abandons it, and nothing of it is progress any more.</summary>
    void Forget(PartitionState state);
}
