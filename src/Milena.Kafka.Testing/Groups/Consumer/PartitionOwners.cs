namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>Who owns which partition of a group: a member owns what it is assigned and what it has not given up yet.</summary>
internal sealed class PartitionOwners
{
    private readonly Dictionary<TopicIdPartition, string> _owners = [];

    public bool IsFree(TopicIdPartition partition) => !_owners.ContainsKey(partition);

    /// <summary>Takes what one state of a member owned back and gives what the next one owns.</summary>
    /// <exception cref="InvalidOperationException">A partition would have two owners.</exception>
    public void Replace(ConsumerMember? before, ConsumerMember? after)
    {
        foreach (TopicIdPartition partition in before is null ? [] : before.Assigned.Union(before.Revoking))
        {
            _owners.Remove(partition);
        }

        foreach (TopicIdPartition partition in after is null ? [] : after.Assigned.Union(after.Revoking))
        {
            if (!_owners.TryAdd(partition, after!.Id))
            {
                throw new InvalidOperationException($"Partition {partition} belongs to {_owners[partition]} and cannot be given to {after.Id}.");
            }
        }
    }
}
