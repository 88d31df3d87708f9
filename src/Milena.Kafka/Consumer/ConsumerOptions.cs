using Milena.Kafka.Common;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>How a consumer reads. Copied when the consumer is made.</summary>
public sealed class ConsumerOptions
{
    /// <summary>What happens when a position is not in the log.</summary>
    /// <value><see cref="OutOfRangePolicy.Earliest"/>: no record that still exists is missed. Kafka's default is <c>latest</c>, which skips unread records without a word.</value>
    /// <remarks>Kafka calls this <c>auto.offset.reset</c>. Each case is logged as a warning.</remarks>
    public OutOfRangePolicy OutOfRange { get; set; } = OutOfRangePolicy.Earliest;

    /// <summary>Whether records of aborted and unfinished transactions are handed out.</summary>
    /// <value><see cref="IsolationLevel.ReadUncommitted"/>.</value>
    /// <remarks>Kafka calls this <c>isolation.level</c>.</remarks>
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadUncommitted;

    /// <summary>How long a broker waits for <see cref="FetchMinBytes"/> before it answers with less.</summary>
    /// <value>500 ms. It is no delay: records that arrive meanwhile are sent at once.</value>
    /// <remarks>Kafka calls this <c>fetch.max.wait.ms</c>.</remarks>
    public TimeSpan FetchMaxWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many bytes a broker waits for, at most <see cref="FetchMaxWait"/>.</summary>
    /// <value>1: whatever there is.</value>
    /// <remarks>Kafka calls this <c>fetch.min.bytes</c>.</remarks>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>The most bytes of one answer of one broker. A first batch that is larger is sent all the same.</summary>
    /// <value>50 MiB.</value>
    /// <remarks>Kafka calls this <c>fetch.max.bytes</c>.</remarks>
    public int FetchMaxBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>The most bytes of one partition in one answer. A first batch that is larger is sent all the same.</summary>
    /// <value>1 MiB. Up to three times as much is kept ready per partition.</value>
    /// <remarks>Kafka calls this <c>max.partition.fetch.bytes</c>.</remarks>
    public int MaxPartitionFetchBytes { get; set; } = 1024 * 1024;

    /// <summary>How many bytes of records the consumer fetches ahead, over all partitions. Shared out evenly among the brokers that it reads from.</summary>
    /// <value>64 MiB. Exceeded only by a single batch that is larger than a broker's share.</value>
    public long QueuedMaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Whether the checksum of each batch is verified.</summary>
    /// <value><see langword="true"/>. It costs about 0.1 ns a byte.</value>
    /// <remarks>Kafka calls this <c>check.crcs</c>.</remarks>
    public bool CheckCrcs { get; set; } = true;

    /// <summary>Where this consumer stands, as brokers name racks; they may then send it to a replica nearby (KIP-392).</summary>
    /// <value>Empty: always the leader.</value>
    /// <remarks>Kafka calls this <c>client.rack</c>.</remarks>
    public string RackId { get; set; } = "";

    internal ConsumerOptions Clone() => (ConsumerOptions)MemberwiseClone();

    internal void Validate() => new OptionFaults(nameof(ConsumerOptions))
        .Require(Enum.IsDefined(OutOfRange), $"OutOfRange is {OutOfRange}, which is no policy.")
        .Require(Enum.IsDefined(IsolationLevel), $"IsolationLevel is {IsolationLevel}, which is none.")
        .RequireNotNegative(FetchMaxWait, nameof(FetchMaxWait))
        .Require(FetchMaxWait.TotalMilliseconds <= int.MaxValue, $"FetchMaxWait is {FetchMaxWait}; it must be below 24 days.")
        .Require(FetchMinBytes >= 0, $"FetchMinBytes is {FetchMinBytes}; it must not be negative.")
        .Require(FetchMaxBytes >= 1, $"FetchMaxBytes is {FetchMaxBytes}; it must be above zero.")
        .Require(MaxPartitionFetchBytes >= 1, $"MaxPartitionFetchBytes is {MaxPartitionFetchBytes}; it must be above zero.")
        .Require(QueuedMaxBytes >= 1, $"QueuedMaxBytes is {QueuedMaxBytes}; it must be above zero.")
        .Require(RackId is not null, "RackId is null.")
        .ThrowIfAny();
}
