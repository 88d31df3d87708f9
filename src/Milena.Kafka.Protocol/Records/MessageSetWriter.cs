using System.Buffers;
using System.Buffers.Binary;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Writes records as messages of magic 0 or 1, for a broker that answers clients from before Kafka 0.11. Headers are lost, as they are there.</summary>
public static class MessageSetWriter
{
    private const int Attributes = 17;
    private const int Timestamp = 18;

    /// <summary>Appends one uncompressed message.</summary>
    /// <param name="destination">Where the message set grows.</param>
    /// <param name="magic">0 or 1.</param>
    /// <param name="timestampType">Who set the record's time; told in magic 1 only.</param>
    /// <param name="record">The record; its offset becomes that of the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The magic is another.</exception>
    public static void Write(IBufferWriter<byte> destination, byte magic, TimestampType timestampType, in Record record)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(magic, 1);
        int length = MessageSet.MinLength(magic) + record.KeySpan.Length + record.ValueSpan.Length;
        int size = RecordBatchLayout.LogOverhead + length;
        Span<byte> message = destination.GetSpan(size)[..size];

        BinaryPrimitives.WriteInt64BigEndian(message, record.Offset);
        BinaryPrimitives.WriteInt32BigEndian(message[RecordBatchLayout.Length..], length);
        message[RecordBatchLayout.Magic] = magic;
        message[Attributes] = 0;
        Span<byte> rest = message[Timestamp..];
        if (magic == 1)
        {
            message[Attributes] = timestampType == TimestampType.LogAppendTime ? (byte)RecordBatchFlags.LogAppendTime : (byte)0;
            BinaryPrimitives.WriteInt64BigEndian(rest, record.Timestamp);
            rest = rest[8..];
        }

        rest = WriteBytes(rest, record.IsKeyNull, record.KeySpan);
        WriteBytes(rest, record.IsValueNull, record.ValueSpan);
        BinaryPrimitives.WriteUInt32BigEndian(message[MessageSet.Crc..], Crc32.Compute(message[RecordBatchLayout.Magic..]));
        destination.Advance(size);
    }

    private static Span<byte> WriteBytes(Span<byte> destination, bool isNull, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, isNull ? -1 : bytes.Length);
        bytes.CopyTo(destination[4..]);
        return destination[(4 + bytes.Length)..];
    }
}
