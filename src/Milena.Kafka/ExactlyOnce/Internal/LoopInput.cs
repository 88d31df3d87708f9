using Milena.Kafka.Consumer.Internal;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What a transaction has read of a partition, and the right to it.</summary>
/// <param name="Read">What.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record.</param>
/// <param name="Claim">The right.</param>
internal sealed record LoopInput(TransactionInput Read, int LeaderEpoch, PartitionClaim Claim)
{
    /// <summary>Where the group goes on if the transaction is committed.</summary>
    public PartitionOffset Next => new(Read.Partition, Read.NextOffset, LeaderEpoch);
}
