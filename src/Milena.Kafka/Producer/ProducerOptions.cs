using System.Buffers;
using Milena.Kafka.Common;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>How a producer batches, sends and retries. Copied when the producer is made.</summary>
public sealed class ProducerOptions
{
    private const int SmallestBatch = 256;

    // Brokers remember the last five batches of a producer in each partition; an older one that comes again would not be known for a duplicate.
    private const int BatchesRemembered = 5;

    /// <summary>Who must have a record before it counts as stored.</summary>
    /// <value>All in-sync replicas. With <see cref="Acks.None"/> brokers do not answer: a delivery ends when it was handed to the network, offsets are -1, and losses go unnoticed.</value>
    /// <remarks>Kafka calls this <c>acks</c>.</remarks>
    public Acks Acks { get; set; } = Acks.All;

    /// <summary>Whether the brokers see to it that each record is stored once and in order, however often it had to be sent (KIP-98).</summary>
    /// <value>
    /// <see langword="true"/>. It needs <see cref="Acks.All"/> and <see cref="MaxInFlight"/> of at most 5. Without it a record is stored at least once:
    /// one whose outcome is lost is sent again and can be stored twice.
    /// </value>
    /// <remarks>
    /// Kafka calls this <c>enable.idempotence</c>. It holds for the life of the producer: a record that the application itself produces again, after
    /// <see cref="DeliveryStatus.Unknown"/> or a restart, is a new one. Before its first record the producer asks a broker for an id.
    /// </remarks>
    public bool Idempotence { get; set; } = true;

    /// <summary>The name under which the producer's transactions are known to the cluster; null for a producer without transactions.</summary>
    /// <value>
    /// Null. With a name, records are produced in the scopes of <see cref="Producer{TKey, TValue}.BeginTransactionAsync"/> only. The name must be the same after a restart, and no two producers may have it at once:
    /// the one that begins its first transaction later fences the other, whose open transaction is aborted.
    /// </value>
    /// <remarks>Kafka calls this <c>transactional.id</c>. It needs <see cref="Idempotence"/>.</remarks>
    public string? TransactionalId { get; set; }

    /// <summary>How long a transaction may take before its coordinator aborts it by itself.</summary>
    /// <value>60 s. Brokers allow up to their <c>transaction.max.timeout.ms</c>, 15 min by default.</value>
    /// <remarks>Kafka calls this <c>transaction.timeout.ms</c>. Readers of committed records wait that long for a producer that died in the middle of one.</remarks>
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an open batch waits for more records while earlier requests to the same broker are still unanswered.</summary>
    /// <value>5 ms. With nothing in flight to the broker a batch does not wait at all.</value>
    /// <remarks>Kafka calls this <c>linger.ms</c>.</remarks>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The size, in bytes, at which a batch is full. A larger record gets a batch of its own.</summary>
    /// <value>
    /// 64 KiB: four times Java's, for fewer and larger writes; still below the size from which .NET keeps arrays on the large object heap.
    /// </value>
    /// <remarks>Kafka calls this <c>batch.size</c>.</remarks>
    public int BatchSize { get; set; } = 64 * 1024;

    /// <summary>The bytes of all batches that are open, queued or on their way. When it is used up, accepting a record waits.</summary>
    /// <value>32 MiB. An open batch counts with the memory that it has: 4 KiB at first, more as it fills, at once <see cref="BatchSize"/> where the one before was filled.</value>
    /// <remarks>Kafka calls this <c>buffer.memory</c>.</remarks>
    public long BufferMemory { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long accepting a record may take: waiting for metadata of its topic, and for room in the buffer.</summary>
    /// <value>60 s.</value>
    /// <remarks>Kafka calls this <c>max.block.ms</c>.</remarks>
    public TimeSpan MaxBlock { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes of batches that are put into one request, and the largest record that is accepted.</summary>
    /// <value>1 MiB. Brokers and topics have limits of their own (<c>message.max.bytes</c>).</value>
    /// <remarks>Kafka calls this <c>max.request.size</c>.</remarks>
    public int MaxRequestSize { get; set; } = 1024 * 1024;

    /// <summary>How long a delivery may take, from acceptance to its result, with all its retries.</summary>
    /// <value>2 min.</value>
    /// <remarks>
    /// Kafka calls this <c>delivery.timeout.ms</c>. How long one request may take is <see cref="KafkaClientOptions.RequestTimeout"/>, how long it pauses before the next
    /// <see cref="KafkaClientOptions.RetryBackoff"/>. Kafka's <c>retries</c> has no counterpart: time alone bounds them.
    /// </remarks>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many requests to one broker may be unanswered at once.</summary>
    /// <value>5. Each may carry a batch of the same partition.</value>
    /// <remarks>
    /// Kafka calls this <c>max.in.flight.requests.per.connection</c>. With <see cref="Idempotence"/> order is kept whatever fails, and 5 is the most.
    /// Without it, a batch that fails and goes again can be stored behind later ones that were on their way; with 1 that cannot happen.
    /// </remarks>
    public int MaxInFlight { get; set; } = 5;

    /// <summary>The codec of the batches.</summary>
    /// <value>None.</value>
    /// <remarks>Kafka calls this <c>compression.type</c>.</remarks>
    public CompressionType Compression { get; set; } = CompressionType.None;

    /// <summary>How hard the codec tries; null for its own default.</summary>
    /// <value>Null.</value>
    /// <remarks>Kafka calls this <c>compression.gzip.level</c> and so on (KIP-390).</remarks>
    public int? CompressionLevel { get; set; }

    /// <summary>Chooses the partition of records that name none; null for the default.</summary>
    /// <value>
    /// Null: a key's partition is Java's (murmur2), so that the same key lies in the same partition whoever produces it. Records without a key
    /// stay with one partition until <see cref="BatchSize"/> bytes were produced to it, then go on to another (KIP-794).
    /// </value>
    /// <remarks>Kafka calls this <c>partitioner.class</c>. <see cref="Partitioners"/> has those of other clients.</remarks>
    public IPartitioner? Partitioner { get; set; }

    /// <summary>Whether records without a key go less often to partitions where more batches wait, so that slower brokers get less (KIP-794).</summary>
    /// <value><see langword="true"/>. Otherwise all partitions that have a leader are chosen equally often, and the slowest broker sets the pace.</value>
    /// <remarks>Kafka calls this <c>partitioner.adaptive.partitioning.enable</c>.</remarks>
    public bool AdaptivePartitioning { get; set; } = true;

    /// <summary>Partitions of a broker that could not be given another request for longer than this are left out when records without a key go on to another partition.</summary>
    /// <value>Zero: none is left out. If all partitions would be, none is.</value>
    /// <remarks>
    /// Kafka calls this <c>partitioner.availability.timeout.ms</c>. A broker cannot be given a request while it is not connected, or while <see cref="MaxInFlight"/> requests are unanswered.
    /// Without <see cref="AdaptivePartitioning"/> it has no effect.
    /// </remarks>
    public TimeSpan PartitionAvailabilityTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>Whether the default partitioner treats records with a key like those without.</summary>
    /// <value><see langword="false"/>: the same key lies in the same partition.</value>
    /// <remarks>Kafka calls this <c>partitioner.ignore.keys</c>. A <see cref="Partitioner"/> of one's own is not affected.</remarks>
    public bool IgnoreKeys { get; set; }

    /// <summary>How long disposing the producer waits for deliveries before it fails those that are left.</summary>
    /// <value>30 s.</value>
    /// <remarks>No Kafka property; the time-out of <c>close</c> in Java. <see cref="Producer{TKey, TValue}.CloseAsync"/> takes a token instead.</remarks>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal ProducerOptions Clone() => (ProducerOptions)MemberwiseClone();

    internal void Validate(CompressionCodecs codecs) => new OptionFaults(nameof(ProducerOptions))
        .Require(Enum.IsDefined(Acks), $"Acks is {Acks}; it must be None, Leader or All.")
        .RequireNotNegative(Linger, nameof(Linger))
        .Require(BatchSize >= SmallestBatch, $"BatchSize is {BatchSize}; it must be at least {SmallestBatch} bytes.")
        .Require(BufferMemory >= BatchSize, $"BufferMemory is {BufferMemory}; it must hold at least one batch of BatchSize ({BatchSize}).")
        .RequireNotNegative(MaxBlock, nameof(MaxBlock))
        .RequireNotNegative(PartitionAvailabilityTimeout, nameof(PartitionAvailabilityTimeout))
        .Require(MaxRequestSize >= SmallestBatch, $"MaxRequestSize is {MaxRequestSize}; it must be at least {SmallestBatch} bytes.")
        .RequirePositive(DeliveryTimeout, nameof(DeliveryTimeout))
        .Require(DeliveryTimeout >= Linger, "DeliveryTimeout is below Linger: records would fail before they are sent.")
        .Require(MaxInFlight >= 1, $"MaxInFlight is {MaxInFlight}; it must be at least 1.")
        .Require(!Idempotence || Acks == Acks.All, $"Idempotence needs Acks.All, and Acks is {Acks}; set Idempotence = false if lost and doubled records are acceptable.")
        .Require(
            !Idempotence || MaxInFlight <= BatchesRemembered,
            $"Idempotence needs MaxInFlight of at most {BatchesRemembered}, and it is {MaxInFlight}: brokers know no more batches again.")
        .Require(TransactionalId is not { Length: 0 }, "TransactionalId is empty; null stands for no transactions.")
        .Require(TransactionalId is null || Idempotence, "TransactionalId needs Idempotence = true.")
        .RequirePositive(TransactionTimeout, nameof(TransactionTimeout))
        .RequireNone(CompressionFault(codecs))
        .RequireNotNegative(CloseTimeout, nameof(CloseTimeout))
        .ThrowIfAny();

    /// <summary>Asks the codec itself whether it has the level, by compressing nothing.</summary>
    private string? CompressionFault(CompressionCodecs codecs)
    {
        if (Compression == CompressionType.None)
        {
            return null;
        }

        if (!codecs.TryGet(Compression, out ICompressionCodec? codec))
        {
            return $"Compression is {Compression}, for which there is no codec.";
        }

        try
        {
            codec.Compress(ReadOnlySequence<byte>.Empty, new ArrayBufferWriter<byte>(), CompressionLevel);
            return null;
        }
        catch (ArgumentOutOfRangeException fault)
        {
            return $"CompressionLevel is {CompressionLevel}, which {codec.Name} does not have: {fault.Message}";
        }
    }
}
