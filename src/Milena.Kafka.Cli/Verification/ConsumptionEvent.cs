namespace Milena.Kafka.Cli.Verification;

/// <summary>Something that happened to a member of a group.</summary>
internal abstract record ConsumptionEvent
{
    /// <summary>A record was processed.</summary>
    public sealed record Record(int Partition, long Offset, ReadOnlyMemory<byte>? Value) : ConsumptionEvent;

    /// <summary>Partitions came or went; the name says which.</summary>
    public sealed record Ownership(string Name, IReadOnlyList<TopicPartition> Partitions) : ConsumptionEvent;

    /// <summary>The group has stored offsets.</summary>
    public sealed record Commit(IReadOnlyList<PartitionOffset> Offsets) : ConsumptionEvent;

    /// <summary>A transaction has ended.</summary>
    public sealed record Transaction(LoopTransaction Ended) : ConsumptionEvent
    {
        /// <summary>How it ended.</summary>
        public string Name => Ended.Outcome switch
        {
            TransactionOutcome.Committed => "committed",
            TransactionOutcome.Aborted => "aborted",
            _ => "unknown",
        };
    }
}
