using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The ids by which one request names its topics, to read its answer by. Topics that were deleted have none, and share an answer.</summary>
internal sealed class TopicIds
{
    private readonly MetadataCache _metadata;
    private readonly Dictionary<Guid, List<string>> _names = [];

    public TopicIds(MetadataCache metadata) => _metadata = metadata;

    /// <summary>The id of a topic that goes into the request.</summary>
    public Guid Add(string topic)
    {
        Guid id = _metadata.Current.FindTopic(topic)?.Id ?? Guid.Empty;
        if (!_names.TryGetValue(id, out List<string>? names))
        {
            _names[id] = names = [];
        }

        names.Add(topic);
        return id;
    }

    /// <summary>The topics that an answer is about.</summary>
    public IReadOnlyList<string> NamesOf(string name, Guid id) => name.Length > 0 ? [name] : _names.GetValueOrDefault(id) ?? [];
}
