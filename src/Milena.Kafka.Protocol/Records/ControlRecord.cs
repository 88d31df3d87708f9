using System.Buffers.Binary;

namespace Milena.Kafka.Protocol.Records;

/// <summary>What the record of a control batch says (KIP-98).</summary>
/// <param name="Type">What it marks; it may be a number without a name, to be skipped.</param>
/// <param name="CoordinatorEpoch">The epoch of the transaction coordinator that wrote an end-of-transaction marker; -1 for other types, and if the marker does not say.</param>
public readonly record struct ControlRecord(ControlRecordType Type, int CoordinatorEpoch)
{
    /// <summary>Bytes of a batch that holds one end-of-transaction marker, as a broker appends it.</summary>
    public const int MarkerBatchSize = 78;

    private const int KeySize = 4;
    private const int MarkerValueSize = 6;

    /// <summary>Reads the record of a control batch.</summary>
    /// <param name="record">The record.</param>
    /// <exception cref="ProtocolException">The key is too short to be that of one.</exception>
    public static ControlRecord Read(in Record record)
    {
        ReadOnlySpan<byte> key = record.KeySpan;
        if (key.Length < KeySize)
        {
            throw new ProtocolException($"The control record at offset {record.Offset} has a key of {key.Length} bytes where {KeySize} are needed.");
        }

        var type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(key[2..]);
        if (type is not (ControlRecordType.Abort or ControlRecordType.Commit))
        {
            return new ControlRecord(type, -1);
        }

        // Only brokers use the epoch: a reader does without.
        ReadOnlySpan<byte> value = record.ValueSpan;
        return new ControlRecord(type, value.Length >= MarkerValueSize ? BinaryPrimitives.ReadInt32BigEndian(value[2..]) : -1);
    }

    /// <summary>Makes the batch that ends a transaction in a partition, with base offset 0, for a broker to stamp.</summary>
    /// <param name="type"><see cref="ControlRecordType.Commit"/> or <see cref="ControlRecordType.Abort"/>.</param>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="producerEpoch">Its epoch.</param>
    /// <param name="coordinatorEpoch">The epoch of the transaction coordinator.</param>
    /// <param name="timestamp">Now, in milliseconds since 1970.</param>
    public static byte[] CreateMarkerBatch(ControlRecordType type, long producerId, short producerEpoch, int coordinatorEpoch, long timestamp)
    {
        Span<byte> key = stackalloc byte[KeySize];
        BinaryPrimitives.WriteInt16BigEndian(key, 0);
        BinaryPrimitives.WriteInt16BigEndian(key[2..], (short)type);
        Span<byte> value = stackalloc byte[MarkerValueSize];
        BinaryPrimitives.WriteInt16BigEndian(value, 0);
        BinaryPrimitives.WriteInt32BigEndian(value[2..], coordinatorEpoch);

        var writer = new RecordBatchWriter(new byte[MarkerBatchSize]);
        writer.TryAppend(timestamp, new RecordBytes(key), new RecordBytes(value));
        return writer.Close(RecordBatchFlags.Transactional | RecordBatchFlags.Control, new BatchProducer(producerId, producerEpoch, -1)).ToArray();
    }
}
