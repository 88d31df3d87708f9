using System.Buffers.Binary;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Changes single fields of a finished batch of magic 2 in place, with its CRC where the field is under it.</summary>
/// <remarks>The batch must have been checked before: these methods look at its size and magic only.</remarks>
public static class RecordBatchStamp
{
    /// <summary>Sets the producer and the first sequence number, and the CRC anew.</summary>
    /// <param name="batch">One whole batch.</param>
    /// <param name="producer">Who produced it.</param>
    /// <exception cref="ArgumentException">The bytes are not one whole batch of magic 2.</exception>
    public static void SetProducer(Span<byte> batch, BatchProducer producer)
    {
        ThrowUnlessBatch(batch);
        WriteProducer(batch, producer);
        WriteCrc(batch);
    }

    /// <summary>Sets where the batch stands in the log. Neither field is under the CRC.</summary>
    /// <param name="batch">One whole batch.</param>
    /// <param name="baseOffset">The offset of the first record.</param>
    /// <param name="leaderEpoch">The epoch of the leader that appended it.</param>
    /// <exception cref="ArgumentException">The bytes are not one whole batch of magic 2.</exception>
    public static void SetOffset(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        ThrowUnlessBatch(batch);
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseOffset..], baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpoch..], leaderEpoch);
    }

    /// <summary>Turns the batch to log append time, and sets the CRC anew. The records' own times stay where they are, unread.</summary>
    /// <param name="batch">One whole batch.</param>
    /// <param name="timestamp">When it was appended, in milliseconds since 1970.</param>
    /// <exception cref="ArgumentException">The bytes are not one whole batch of magic 2.</exception>
    public static void SetLogAppendTime(Span<byte> batch, long timestamp)
    {
        ThrowUnlessBatch(batch);
        short attributes = (short)(BinaryPrimitives.ReadInt16BigEndian(batch[Attributes..]) | (short)RecordBatchFlags.LogAppendTime);
        BinaryPrimitives.WriteInt16BigEndian(batch[Attributes..], attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestamp..], timestamp);
        WriteCrc(batch);
    }

    internal static void WriteProducer(Span<byte> batch, BatchProducer producer)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerId..], producer.Id);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpoch..], producer.Epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequence..], producer.BaseSequence);
    }

    internal static void WriteCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[Crc..], Crc32C.Compute(batch[Attributes..]));

    private static void ThrowUnlessBatch(ReadOnlySpan<byte> batch)
    {
        if (batch.Length < HeaderSize
            || batch[Magic] != CurrentMagic
            || BinaryPrimitives.ReadInt32BigEndian(batch[Length..]) != batch.Length - LogOverhead)
        {
            throw new ArgumentException("The bytes are not one whole record batch of magic 2.", nameof(batch));
        }
    }
}
