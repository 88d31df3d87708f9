using System.Buffers.Binary;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Reads the messages of magic 0 and 1, as brokers before 0.11 stored them.</summary>
internal static class MessageSet
{
    public const int Crc = 12;

    /// <summary>What magic 0 has in place of a time.</summary>
    public const long NoTimestamp = -1;

    private const int Attributes = 17;
    private const int Timestamp = 18;

    /// <summary>The fewest bytes that may follow a message's length: no key, no value.</summary>
    public static int MinLength(byte magic) => KeyAt(magic) + 8 - RecordBatchLayout.LogOverhead;

    /// <summary>Codec and, in magic 1, timestamp type; the other bits mean nothing here.</summary>
    public static short AttributesOf(ReadOnlySpan<byte> message) => (short)(message[Attributes] & (message[RecordBatchLayout.Magic] == 0
        ? RecordBatchLayout.CompressionMask
        : RecordBatchLayout.CompressionMask | (short)RecordBatchFlags.LogAppendTime));

    public static long TimestampOf(ReadOnlySpan<byte> message) => message[RecordBatchLayout.Magic] == 0
        ? NoTimestamp
        : BinaryPrimitives.ReadInt64BigEndian(message[Timestamp..]);

    /// <summary>Finds key and value of a message whose length has been checked.</summary>
    /// <returns><see langword="false"/> if key and value do not fill the message exactly.</returns>
    public static bool TryReadSlices(ReadOnlySpan<byte> message, out RecordSlices slices)
    {
        slices = default;
        int at = KeyAt(message[RecordBatchLayout.Magic]);
        return TryReadBytes(message, ref at, out slices.KeyStart, out slices.KeyLength)
            && TryReadBytes(message, ref at, out slices.ValueStart, out slices.ValueLength)
            && at == message.Length;
    }

    private static int KeyAt(byte magic) => magic == 0 ? Timestamp : Timestamp + 8;

    private static bool TryReadBytes(ReadOnlySpan<byte> message, ref int at, out int start, out int length)
    {
        start = at + 4;
        length = start <= message.Length ? BinaryPrimitives.ReadInt32BigEndian(message[at..]) : int.MinValue;
        if (length < -1 || length > message.Length - start)
        {
            return false;
        }

        at = start + Math.Max(length, 0);
        return true;
    }
}
