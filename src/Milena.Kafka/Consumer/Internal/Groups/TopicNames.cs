namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Which topic goes by which id, as of the newest metadata. Part of a membership; not thread-safe.</summary>
internal sealed class TopicNames
{
    private readonly Dictionary<Guid, string> _names = [];
    private readonly Dictionary<string, Guid> _ids = [];

    public void Learn(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        foreach (AssignableTopic topic in topics.Values.Where(t => t.Id != Guid.Empty))
        {
            if (_ids.TryGetValue(topic.Name, out Guid old) && old != topic.Id)
            {
                // Deleted and made anew.
                _names.Remove(old);
            }

            _ids[topic.Name] = topic.Id;
            _names[topic.Id] = topic.Name;
        }
    }

    public bool Knows(Guid id) => _names.ContainsKey(id);

    /// <summary>The partition by name; null if no topic of that id is known.</summary>
    public TopicPartition? Find(TopicIdPartition partition) => _names.TryGetValue(partition.TopicId, out string? name) ? new TopicPartition(name, partition.Partition) : null;
}
