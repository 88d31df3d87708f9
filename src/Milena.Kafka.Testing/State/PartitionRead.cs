using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>What was read of one partition, or why nothing was.</summary>
internal readonly record struct PartitionRead(
    ErrorCode Error,
    LogOffsets Offsets,
    ReadOnlyMemory<byte> Records,
    int FirstBatchSize,
    (int Epoch, long EndOffset)? DivergingEpoch)
{
    /// <summary>The aborted transactions among the records; empty unless only committed records are wanted.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted { get; init; } = [];

    public static PartitionRead Failed(ErrorCode error, LogOffsets offsets) => new(error, offsets, default, 0, null);
}
