using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.State;

/// <summary>The partitions that a client fetches again and again without naming them each time (KIP-227). Guarded by <see cref="FetchSessions"/>.</summary>
internal sealed class FetchSession(int id, bool usesTopicIds)
{
    private readonly Dictionary<FetchKey, FetchTarget> _targets = [];
    private readonly LinkedList<FetchTarget> _order = [];

    public int Id { get; } = id;

    public bool UsesTopicIds { get; } = usesTopicIds;

    /// <summary>The epoch that the next request must have.</summary>
    public int NextEpoch { get; private set; } = 1;

    public DateTimeOffset LastUsed { get; set; }

    public bool IsEmpty => _targets.Count == 0;

    /// <summary>The partitions in the order in which they are served: those with news last time come last.</summary>
    public IReadOnlyList<FetchTarget> Targets => [.. _order];

    public void Update(FetchRequest request)
    {
        foreach (FetchRequest.FetchTopic topic in request.Topics)
        {
            foreach (FetchRequest.FetchPartition wanted in topic.Partitions)
            {
                var key = new FetchKey(topic.Topic, topic.TopicId, wanted.Partition);
                if (_targets.TryGetValue(key, out FetchTarget? known))
                {
                    known.Wanted = wanted;
                }
                else
                {
                    var target = new FetchTarget(key, wanted);
                    _targets.Add(key, target);
                    _order.AddLast(target);
                }
            }
        }

        foreach (FetchRequest.ForgottenTopic topic in request.ForgottenTopicsData)
        {
            foreach (int partition in topic.Partitions)
            {
                if (_targets.Remove(new FetchKey(topic.Topic, topic.TopicId, partition), out FetchTarget? forgotten))
                {
                    _order.Remove(forgotten);
                }
            }
        }
    }

    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    /// <summary>Whether there is something about a partition that the client does not know yet; from now on it does.</summary>
    public bool HasNews(FetchTarget target, FetchResponse.PartitionData data)
    {
        bool hasRecords = data.Records is { Length: > 0 };
        bool hasNews = hasRecords
            || data.ErrorCode != Protocol.ErrorCode.None
            || data.HighWatermark != target.ToldHighWatermark
            || data.LogStartOffset != target.ToldLogStart
            || data.DivergingEpoch.Epoch != -1
            || data.PreferredReadReplica != -1;
        target.ToldHighWatermark = data.ErrorCode == Protocol.ErrorCode.None ? data.HighWatermark : -1;
        target.ToldLogStart = data.LogStartOffset;
        if (hasRecords && _order.Remove(target))
        {
            _order.AddLast(target);
        }

        return hasNews;
    }
}
