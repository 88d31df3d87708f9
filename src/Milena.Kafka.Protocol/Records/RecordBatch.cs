using System.Buffers.Binary;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>
/// One batch of records within received bytes, not copied; of magic 2, or one message of a set of magic 0 or 1, which counts as a batch
/// of one record or, if it is compressed, of all it wraps.
/// </summary>
/// <remarks>Size, magic and counts have been held against the bytes that are there; the CRC is checked by whoever asks for it, see <see cref="OpenRecords"/>.</remarks>
public readonly struct RecordBatch
{
    private readonly ReadOnlyMemory<byte> _bytes;

    internal RecordBatch(ReadOnlyMemory<byte> bytes, int position)
    {
        _bytes = bytes;
        Position = position;
    }

    /// <summary>The whole batch as it was received.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The byte of the records field where the batch begins.</summary>
    public int Position { get; }

    /// <summary>The version of the format: 0, 1 or 2.</summary>
    public byte Magic => Span[RecordBatchLayout.Magic];

    /// <summary>The offset of the first record. Of a compressed message set of magic 0 or 1 it is that of the last: the first is known only after decompression.</summary>
    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(Span);

    /// <summary>The offset of the last record that the batch had when it was produced; compaction may have removed it.</summary>
    public long LastOffset => IsCurrent ? BaseOffset + LastOffsetDelta : BaseOffset;

    /// <summary>Where reading goes on after this batch.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>The epoch of the leader that appended the batch; -1 if not stored yet, or of magic 0 or 1.</summary>
    public int LeaderEpoch => IsCurrent ? BinaryPrimitives.ReadInt32BigEndian(Span[RecordBatchLayout.LeaderEpoch..]) : -1;

    /// <summary>The checksum that the batch carries: CRC-32C, or CRC-32 for magic 0 and 1.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(Span[(IsCurrent ? RecordBatchLayout.Crc : MessageSet.Crc)..]);

    /// <summary>The codec of the records; it may be a number without a name.</summary>
    public CompressionType Compression => (CompressionType)(RawAttributes & CompressionMask);

    /// <summary>The attribute bits but for the codec.</summary>
    public RecordBatchFlags Flags => (RecordBatchFlags)(RawAttributes & ~CompressionMask);

    /// <summary>Who set the records' times; for magic 0, which has none, <see cref="TimestampType.CreateTime"/>.</summary>
    public TimestampType TimestampType => (RawAttributes & (short)RecordBatchFlags.LogAppendTime) != 0
        ? TimestampType.LogAppendTime
        : TimestampType.CreateTime;

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Flags & RecordBatchFlags.Transactional) != 0;

    /// <summary>Whether the batch holds a control record, which is never handed to a user. See <see cref="ControlRecord"/>.</summary>
    public bool IsControl => (Flags & RecordBatchFlags.Control) != 0;

    /// <summary>When the log cleaner may remove the tombstones and markers of the batch, in milliseconds since 1970; <see langword="null"/> if it has not said (KIP-534).</summary>
    public long? DeleteHorizon => (Flags & RecordBatchFlags.DeleteHorizon) != 0 ? BaseTimestamp : null;

    /// <summary>The time that the records' deltas count from, in milliseconds since 1970; -1 for magic 0.</summary>
    public long BaseTimestamp => IsCurrent
        ? BinaryPrimitives.ReadInt64BigEndian(Span[RecordBatchLayout.BaseTimestamp..])
        : MessageSet.TimestampOf(Span);

    /// <summary>The highest time of a record, in milliseconds since 1970; -1 for magic 0.</summary>
    public long MaxTimestamp => IsCurrent
        ? BinaryPrimitives.ReadInt64BigEndian(Span[RecordBatchLayout.MaxTimestamp..])
        : MessageSet.TimestampOf(Span);

    /// <summary>Who produced the batch, and the sequence of its first record; <see cref="BatchProducer.None"/> if not idempotent, or of magic 0 or 1.</summary>
    public BatchProducer Producer => IsCurrent
        ? new BatchProducer(
            BinaryPrimitives.ReadInt64BigEndian(Span[ProducerId..]),
            BinaryPrimitives.ReadInt16BigEndian(Span[ProducerEpoch..]),
            BinaryPrimitives.ReadInt32BigEndian(Span[BaseSequence..]))
        : BatchProducer.None;

    /// <summary>The sequence number of the last record; -1 if not idempotent. After 2,147,483,647 comes 0.</summary>
    public int LastSequence => Producer.BaseSequence is >= 0 and int first ? (first + LastOffsetDelta) & int.MaxValue : -1;

    /// <summary>The number of records in the batch, as it claims; -1 if unknown before decompression (magic 0 and 1).</summary>
    public int RecordCount => IsCurrent
        ? BinaryPrimitives.ReadInt32BigEndian(Span[RecordBatchLayout.RecordCount..])
        : Compression == CompressionType.None ? 1 : -1;

    internal int LastOffsetDelta => IsCurrent ? BinaryPrimitives.ReadInt32BigEndian(Span[RecordBatchLayout.LastOffsetDelta..]) : 0;

    private ReadOnlySpan<byte> Span => _bytes.Span;

    private bool IsCurrent => Magic == CurrentMagic;

    private short RawAttributes => IsCurrent
        ? BinaryPrimitives.ReadInt16BigEndian(Span[Attributes..])
        : MessageSet.AttributesOf(Span);

    /// <summary>Whether the bytes have the checksum that the batch carries. Each call computes it anew.</summary>
    public bool HasValidCrc() => IsCurrent ? Crc32C.Compute(Span[Attributes..]) == Crc : Crc32.Compute(Span[RecordBatchLayout.Magic..]) == Crc;

    /// <summary>Computes the checksum and throws if it is another than the batch carries.</summary>
    /// <exception cref="CorruptRecordBatchException">The checksum is another.</exception>
    public void EnsureValidCrc()
    {
        if (!HasValidCrc())
        {
            throw Corrupt($"its CRC is not {Crc:x8}, as it says");
        }
    }

    /// <summary>Checks the CRC if wanted, decompresses if need be, and makes the records ready to be enumerated.</summary>
    /// <param name="options">How to read; <see langword="null"/> for <see cref="RecordReadOptions.Default"/>.</param>
    /// <returns>The records. Dispose them when neither they nor slices of them are used any more: decompressed ones stand in a pooled buffer.</returns>
    /// <exception cref="CorruptRecordBatchException">The CRC is wrong, or the compressed stream is corrupt or too large.</exception>
    /// <exception cref="UnsupportedCompressionException">No codec is registered for the batch.</exception>
    public BatchRecords OpenRecords(RecordReadOptions? options = null) => BatchRecords.Open(this, options ?? RecordReadOptions.Default);

    internal CorruptRecordBatchException Corrupt(string reason, Exception? cause = null) => new(BaseOffset, Position, reason, cause);
}
