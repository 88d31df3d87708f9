namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The offsets that a scope carries, by group; the last word on a partition counts. Any thread.</summary>
internal sealed class TransactionOffsets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (ConsumerGroupMetadata Group, Dictionary<TopicPartition, PartitionOffset> Offsets)> _groups = new(StringComparer.Ordinal);

    /// <summary>Adds offsets. If the membership is another than before, the later one counts.</summary>
    public void Add(ConsumerGroupMetadata group, IEnumerable<PartitionOffset> offsets)
    {
        PartitionOffset[] added = [.. offsets];
        foreach (PartitionOffset offset in added)
        {
            ArgumentNullException.ThrowIfNull(offset, nameof(offsets));
            ArgumentOutOfRangeException.ThrowIfNegative(offset.Offset, nameof(offsets));
        }

        lock (_gate)
        {
            Dictionary<TopicPartition, PartitionOffset> all = _groups.TryGetValue(group.GroupId, out var known) ? known.Offsets : [];
            foreach (PartitionOffset offset in added)
            {
                all[offset.Partition] = offset;
            }

            _groups[group.GroupId] = (group, all);
        }
    }

    /// <summary>Takes all that was added.</summary>
    public (ConsumerGroupMetadata Group, Dictionary<TopicPartition, PartitionOffset> Offsets)[] Take()
    {
        lock (_gate)
        {
            (ConsumerGroupMetadata, Dictionary<TopicPartition, PartitionOffset>)[] all = [.. _groups.Values.Where(g => g.Offsets.Count > 0)];
            _groups.Clear();
            return all;
        }
    }
}
