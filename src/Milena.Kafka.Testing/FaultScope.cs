namespace Milena.Kafka.Testing;

/// <summary>Which requests of an API a fault hits.</summary>
public sealed record FaultScope
{
    /// <summary>How many matching requests are served as usual before the fault begins.</summary>
    /// <value>0: the next one is hit.</value>
    public int Skip { get; init; }

    /// <summary>How many matching requests are hit.</summary>
    /// <value>1.</value>
    public int Count { get; init; } = 1;

    /// <summary>Only requests to this broker.</summary>
    /// <value><see langword="null"/>: to any.</value>
    public int? BrokerId { get; init; }

    /// <summary>Only requests with this client id.</summary>
    /// <value><see langword="null"/>: with any.</value>
    public string? ClientId { get; init; }

    /// <summary>Only requests that name this topic; an error is then given to this topic alone.</summary>
    /// <value><see langword="null"/>: any topic, or none.</value>
    /// <remarks>
    /// Works for Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords, Metadata, AddPartitionsToTxn, TxnOffsetCommit, WriteTxnMarkers and
    /// DescribeProducers.
    /// </remarks>
    public string? Topic { get; init; }

    /// <summary>Only requests that name this partition of <see cref="Topic"/>; an error is then given to this partition alone.</summary>
    /// <value><see langword="null"/>: any partition.</value>
    public int? Partition { get; init; }

    /// <summary>Whether the request is carried out first, and only its answer is hit.</summary>
    /// <value><see langword="false"/>: what is asked for does not happen, or not before the fault is over.</value>
    public bool AfterHandling { get; init; }
}
