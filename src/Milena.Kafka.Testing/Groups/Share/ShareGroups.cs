namespace Milena.Kafka.Testing.Groups.Share;

/// <summary>The share groups of the cluster. Nobody can join them; tests make them. Thread-safe.</summary>
internal sealed class ShareGroups
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ShareGroup> _groups = new(StringComparer.Ordinal);

    public IReadOnlyList<ShareGroup> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _groups.Values];
            }
        }
    }

    public ShareGroup? Find(string groupId)
    {
        lock (_gate)
        {
            return _groups.GetValueOrDefault(groupId);
        }
    }

    public void Create(string groupId)
    {
        lock (_gate)
        {
            _groups.TryAdd(groupId, new ShareGroup(groupId));
        }
    }

    public bool Delete(string groupId)
    {
        lock (_gate)
        {
            return _groups.Remove(groupId);
        }
    }
}
