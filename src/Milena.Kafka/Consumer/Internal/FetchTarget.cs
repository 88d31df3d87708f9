namespace Milena.Kafka.Consumer.Internal;

/// <summary>A partition in a fetch that is under way, as it stood when the fetch was planned.</summary>
/// <param name="State">The partition.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="TopicId">Its topic's id; empty if there is none.</param>
/// <param name="Position">What is asked for.</param>
/// <param name="IsDoubtful">Whether the leader has changed since the record before the position was read.</param>
internal readonly record struct FetchTarget(PartitionState State, int Generation, Guid TopicId, FetchPosition Position, bool IsDoubtful)
{
    /// <summary>Whether an answer still fits what is wanted.</summary>
    public bool IsCurrent => State.Generation == Generation && State.Phase == PartitionPhase.Fetching && State.FetchOffset == Position.Offset;
}
