using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Compression;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

/// <summary>Writes messages of magic 0 and 1, as brokers before 0.11 stored them.</summary>
internal static class MessageSetBuilder
{
    public static byte[] Message(byte magic, long offset, long timestamp, RecordBytes key, RecordBytes value, byte attributes = 0)
    {
        int head = magic == 0 ? 18 : 26;
        var message = new byte[head + 8 + key.Span.Length + value.Span.Length];
        BinaryPrimitives.WriteInt64BigEndian(message, offset);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(8), message.Length - 12);
        message[16] = magic;
        message[17] = attributes;
        if (magic == 1)
        {
            BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(18), timestamp);
        }

        int at = WriteBytes(message, head, key);
        WriteBytes(message, at, value);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(12), Crc32.Compute(message.AsSpan(16)));
        return message;
    }

    public static byte[] Wrapper(byte magic, long offset, long timestamp, params byte[][] inner) =>
        Wrapper(magic, offset, timestamp, 1, inner);

    public static byte[] Wrapper(byte magic, long offset, long timestamp, byte attributes, byte[][] inner, ICompressionCodec? codec = null)
    {
        var compressed = new ArrayBufferWriter<byte>();
        (codec ?? new GzipCodec()).Compress(inner.SelectMany(static message => message).ToArray(), compressed);
        return Message(magic, offset, timestamp, RecordBytes.Null, compressed.WrittenSpan, attributes);
    }

    private static int WriteBytes(byte[] message, int at, RecordBytes bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(at), bytes.IsNull ? -1 : bytes.Span.Length);
        bytes.Span.CopyTo(message.AsSpan(at + 4));
        return at + 4 + bytes.Span.Length;
    }
}
