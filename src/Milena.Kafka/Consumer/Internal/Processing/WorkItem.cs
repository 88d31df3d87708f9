namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>A record in work.</summary>
internal sealed class WorkItem<TKey, TValue>
{
    public required ConsumeResult<TKey, TValue> Record { get; init; }

    public required PartitionWork Partition { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>The stored bytes, if the record may have to be sent on.</summary>
    public StoredBytes? Stored { get; init; }

    /// <summary>Whether a seek has moved the position elsewhere since.</summary>
    public bool IsVoid => Partition.Move != Partition.State.Move;

    /// <summary>A number that rises with each start of a handler.</summary>
    public long StartNumber { get; set; }
}
