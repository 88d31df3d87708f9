namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>How far a group is in one partition, and which member has it.</summary>
internal sealed record GroupProgress(TopicPartition Partition, long? Offset, long? End, ConsumerGroupMember? Member)
{
    public long? Lag => End - Offset;

    /// <summary>The partitions of which a group has stored an offset, or which a member of it has.</summary>
    public static async Task<IReadOnlyList<GroupProgress>> ReadAsync(AdminClient admin, ConsumerGroupDescription group, CancellationToken cancellationToken)
    {
        AdminResults<TopicPartition, PartitionOffset?> stored = await admin.ListGroupOffsetsAsync(group.GroupId, null, null, cancellationToken).ConfigureAwait(false);
        var owners = group.Members.SelectMany(member => member.Assignment.Select(partition => (partition, member))).ToLookup(p => p.partition, p => p.member);
        TopicPartition[] partitions = [.. stored.Values.Keys.Union(owners.Select(owner => owner.Key)).InOrder()];
        AdminResults<TopicPartition, ListedOffset> ends = await admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => OffsetSpec.Latest), null, cancellationToken).ConfigureAwait(false);
        return [.. partitions.Select(p => new GroupProgress(
            p,
            stored.Values.GetValueOrDefault(p)?.Offset,
            ends.Values.TryGetValue(p, out ListedOffset? end) ? end.Offset : null,
            owners[p].FirstOrDefault()))];
    }
}
