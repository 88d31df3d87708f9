namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The offsets that a scope carries, by membership; the last word on a partition counts. Any thread.</summary>
internal sealed class TransactionOffsets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string GroupId, string MemberId, int Generation, string? InstanceId), (ConsumerGroupMetadata Group, Dictionary<TopicPartition, PartitionOffset> Offsets)> _memberships = [];

    /// <summary>Adds offsets. Those of an earlier membership keep it: if the partition has changed hands since, the coordinator must be able to see that (KIP-447).</summary>
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
            var membership = (group.GroupId, group.MemberId, group.Generation, group.InstanceId);
            if (!_memberships.TryGetValue(membership, out var known))
            {
                _memberships[membership] = known = (group, []);
            }

            foreach (PartitionOffset offset in added)
            {
                known.Offsets[offset.Partition] = offset;
            }
        }
    }

    /// <summary>Takes all that was added.</summary>
    public (ConsumerGroupMetadata Group, Dictionary<TopicPartition, PartitionOffset> Offsets)[] Take()
    {
        lock (_gate)
        {
            (ConsumerGroupMetadata, Dictionary<TopicPartition, PartitionOffset>)[] all = [.. _memberships.Values.Where(g => g.Offsets.Count > 0)];
            _memberships.Clear();
            return all;
        }
    }
}
