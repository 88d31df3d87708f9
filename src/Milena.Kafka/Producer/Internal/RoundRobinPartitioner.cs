using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Counts the records of each topic and goes by the count.</summary>
internal sealed class RoundRobinPartitioner : IPartitioner
{
    private readonly ConcurrentDictionary<string, StrongBox<int>> _counts = new(StringComparer.Ordinal);

    public int SelectPartition(string topic, int partitionCount, ReadOnlySpan<byte> key, bool isKeyNull)
    {
        StrongBox<int> count = _counts.GetOrAdd(topic, static _ => new StrongBox<int>(-1));
        return (int)((uint)Interlocked.Increment(ref count.Value) % (uint)partitionCount);
    }
}
