namespace Milena.Kafka.Testing.State;

/// <summary>All topics at one moment, as groups see them. Immutable: another catalog means that topics have changed.</summary>
internal sealed class TopicCatalog
{
    private readonly Dictionary<string, CatalogTopic> _byName;
    private readonly Dictionary<Guid, CatalogTopic> _byId;

    public TopicCatalog(IEnumerable<CatalogTopic> topics)
    {
        All = [.. topics.OrderBy(topic => topic.Name, StringComparer.Ordinal)];
        _byName = All.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        _byId = All.ToDictionary(topic => topic.Id);
    }

    public static TopicCatalog Empty { get; } = new([]);

    /// <summary>In order of their names.</summary>
    public IReadOnlyList<CatalogTopic> All { get; }

    public CatalogTopic? Find(string name) => _byName.TryGetValue(name, out CatalogTopic topic) ? topic : null;

    public CatalogTopic? Find(Guid id) => _byId.TryGetValue(id, out CatalogTopic topic) ? topic : null;
}
