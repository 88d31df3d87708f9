using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>A stored record on its way to another topic.</summary>
/// <param name="Topic">The topic it goes to.</param>
/// <param name="Key">The stored key.</param>
/// <param name="Value">The stored value.</param>
/// <param name="Headers">All headers that it gets.</param>
internal sealed record ForwardedRecord(string Topic, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, IReadOnlyList<RecordHeader> Headers);
