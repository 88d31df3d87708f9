using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>Turns the names and regular expressions of members into topics, each expression once for every state of the topics.</summary>
internal sealed class SubscriptionResolver
{
    private readonly Dictionary<string, CatalogTopic[]> _matches = new(StringComparer.Ordinal);

    public TopicCatalog Topics { get; private set; } = TopicCatalog.Empty;

    /// <summary>Looks at the topics as they are now.</summary>
    /// <returns>Whether they have changed.</returns>
    public bool See(TopicCatalog topics)
    {
        if (ReferenceEquals(topics, Topics))
        {
            return false;
        }

        Topics = topics;
        _matches.Clear();
        return true;
    }

    /// <summary>The topics that exist and that a member wants, in order of their names.</summary>
    public IReadOnlyList<CatalogTopic> Resolve(ConsumerMember member)
    {
        IEnumerable<CatalogTopic> named = member.TopicNames.Select(Topics.Find).OfType<CatalogTopic>();
        return member.TopicRegex.Length == 0
            ? [.. named]
            : [.. named.Union(Match(member.TopicRegex)).OrderBy(topic => topic.Name, StringComparer.Ordinal)];
    }

    private CatalogTopic[] Match(string regex)
    {
        if (!_matches.TryGetValue(regex, out CatalogTopic[]? matches))
        {
            var pattern = new TopicPattern(regex);
            _matches[regex] = matches = [.. Topics.All.Where(topic => pattern.Matches(topic.Name))];
        }

        return matches;
    }
}
