using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>A copy of a record's key and value as they are stored.</summary>
internal sealed record StoredBytes(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value)
{
    public static StoredBytes Of(in Record record) => new(
        record.IsKeyNull ? default(ReadOnlyMemory<byte>?) : record.Key.ToArray(),
        record.IsValueNull ? default(ReadOnlyMemory<byte>?) : record.Value.ToArray());
}
