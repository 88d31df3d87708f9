using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Puts topics together from the pages in which a broker tells their partitions, and says what to ask next (KIP-966). Not thread-safe.</summary>
internal sealed class TopicPages
{
    private readonly Dictionary<string, List<PartitionDescription>> _partitions = [];
    private readonly Dictionary<string, Answer<TopicDescription>> _answers = [];
    private readonly string[] _topics;
    private readonly bool _includeAuthorizedOperations;

    /// <param name="topics">The names to describe.</param>
    /// <param name="includeAuthorizedOperations">Whether to tell what brokers say unasked of the rights on a topic.</param>
    public TopicPages(IEnumerable<string> topics, bool includeAuthorizedOperations)
    {
        _topics = [.. topics.Distinct().Order(StringComparer.Ordinal)];
        _includeAuthorizedOperations = includeAuthorizedOperations;
    }

    /// <summary>Where the next page begins; null before the first.</summary>
    public DescribeTopicPartitionsResponse.Cursor? Next { get; private set; }

    /// <summary>The topics that the next page may be about: brokers answer in the order of names.</summary>
    public IEnumerable<string> Open => Next is null ? _topics : _topics.Where(name => string.CompareOrdinal(name, Next.TopicName) >= 0);

    /// <summary>What was learnt of each topic. One that no page mentioned has failed.</summary>
    public IReadOnlyDictionary<string, Answer<TopicDescription>> Answers => _topics.ToDictionary(
        name => name,
        name => _answers.TryGetValue(name, out Answer<TopicDescription> answer) ? answer : Answer<TopicDescription>.Failed(new KafkaException($"Describing topic '{name}': the broker's answer does not mention it.")));

    /// <summary>Takes a page in.</summary>
    /// <returns>Whether there is another.</returns>
    /// <exception cref="KafkaException">The next page is said to begin where this one did, so that there would be no end.</exception>
    public bool Add(DescribeTopicPartitionsResponse page)
    {
        foreach (DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic in page.Topics)
        {
            Add(topic);
        }

        if (page.NextCursor is { } next && Next is { } last && (string.CompareOrdinal(next.TopicName, last.TopicName), next.PartitionIndex - last.PartitionIndex) is ( < 0, _) or (0, <= 0))
        {
            throw new KafkaException($"The page of topics from {last.TopicName}-{last.PartitionIndex} on is said to go on at {next.TopicName}-{next.PartitionIndex}.");
        }

        Next = page.NextCursor;
        return Next is not null;
    }

    private void Add(DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic)
    {
        string name = topic.Name ?? "";
        if (topic.ErrorCode != ErrorCode.None)
        {
            _answers[name] = Answer<TopicDescription>.Failed(BrokerFault.Of($"Describing topic '{name}'", topic.ErrorCode, null));
            return;
        }

        if (!_partitions.TryGetValue(name, out List<PartitionDescription>? partitions))
        {
            _partitions[name] = partitions = [];
        }

        partitions.AddRange(topic.Partitions.Select(p => new PartitionDescription(p.PartitionIndex, p.LeaderId < 0 ? null : p.LeaderId, p.ReplicaNodes, p.IsrNodes)
        {
            LeaderEpoch = p.LeaderEpoch < 0 ? null : p.LeaderEpoch,
            OfflineReplicas = p.OfflineReplicas,
            EligibleLeaderReplicas = p.EligibleLeaderReplicas,
            LastKnownEligibleLeaderReplicas = p.LastKnownElr,
        }));
        _answers[name] = Answer<TopicDescription>.Of(new TopicDescription(name, topic.TopicId, topic.IsInternal, partitions)
        {
            AuthorizedOperations = _includeAuthorizedOperations ? AuthorizedOperations.Read(topic.TopicAuthorizedOperations) : null,
        });
    }
}
