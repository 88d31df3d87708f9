namespace Milena.Kafka.Testing.Groups;

/// <summary>The positions of one group. Thread-safe.</summary>
internal sealed partial class CommittedOffsets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Topic, int Partition), CommittedOffset> _offsets = [];

    public IReadOnlyList<(string Topic, int Partition)> Partitions
    {
        get
        {
            lock (_gate)
            {
                return [.. _offsets.Keys];
            }
        }
    }

    /// <summary>Forgets what belongs to topics that are gone.</summary>
    /// <param name="idOf">The id of the topic that has a name now; null if none has.</param>
    public void Prune(Func<string, Guid?> idOf)
    {
        lock (_gate)
        {
            foreach (((string Topic, int Partition) key, CommittedOffset offset) in _offsets.ToArray())
            {
                if (idOf(key.Topic) != offset.TopicId)
                {
                    _offsets.Remove(key);
                }
            }
        }
    }

    public CommittedOffset? Find(string topic, int partition)
    {
        lock (_gate)
        {
            return _offsets.GetValueOrDefault((topic, partition));
        }
    }

    public void Commit(string topic, int partition, CommittedOffset offset)
    {
        lock (_gate)
        {
            _offsets[(topic, partition)] = offset;
            Supersede((topic, partition));
        }
    }

    public void Delete(string topic, int partition)
    {
        lock (_gate)
        {
            _offsets.Remove((topic, partition));
        }
    }
}
