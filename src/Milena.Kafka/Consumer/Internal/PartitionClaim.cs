namespace Milena.Kafka.Consumer.Internal;

/// <summary>A right to what was handed out of a partition: it ends when the partition goes, or its position is moved elsewhere. Any thread.</summary>
internal readonly record struct PartitionClaim(PartitionState State, int Generation)
{
    /// <summary>Whether what was handed out does not count any more.</summary>
    public bool IsVoid => !State.Counts(Generation);
}
