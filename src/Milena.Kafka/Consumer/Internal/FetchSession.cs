using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// The incremental fetch session with one broker (KIP-227): what the broker remembers, and what is new to it. Owned by the broker's fetch
/// loop; not thread-safe.
/// </summary>
internal sealed class FetchSession
{
    private const int OpeningEpoch = 0;

    private readonly Dictionary<FetchKey, FetchPosition> _remembered = [];
    private int _id;
    private int _epoch = OpeningEpoch;

    /// <summary>The session's id; 0 while the broker has given none.</summary>
    public int Id => _id;

    /// <summary>Whether the next request names changes only.</summary>
    public bool IsIncremental => _epoch != OpeningEpoch;

    /// <summary>Writes partitions and session fields into the next request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wanted">Every partition that is to be read, in the order in which the broker should serve them.</param>
    public void Fill(FetchRequest request, IReadOnlyList<KeyValuePair<FetchKey, FetchPosition>> wanted)
    {
        request.SessionId = _id;
        request.SessionEpoch = _epoch;
        if (!IsIncremental)
        {
            _remembered.Clear();
        }

        foreach ((FetchKey key, FetchPosition position) in wanted)
        {
            if (!_remembered.TryGetValue(key, out FetchPosition known) || known != position)
            {
                _remembered[key] = position;
                Add(request.Topics, key, position);
            }
        }

        if (IsIncremental && _remembered.Count > wanted.Count)
        {
            Forget(request.ForgottenTopicsData, wanted);
        }
    }

    /// <summary>Takes in what the broker said of the session.</summary>
    /// <returns>Whether the answer holds; otherwise the next request opens a new session.</returns>
    public bool Take(FetchResponse response)
    {
        if (response.ErrorCode == ErrorCode.FetchSessionIdNotFound)
        {
            _id = 0;
            _epoch = OpeningEpoch;
            return false;
        }

        if (response.ErrorCode != ErrorCode.None)
        {
            Reset();
            return false;
        }

        // An id of 0 says that the broker keeps no session, because it has none left or is too old.
        _id = response.SessionId;
        _epoch = _id == 0 ? OpeningEpoch : _epoch == int.MaxValue ? 1 : _epoch + 1;
        return true;
    }

    /// <summary>Nobody knows what the broker remembers. The next request opens a new session; naming the old one, it closes that too.</summary>
    public void Reset() => _epoch = OpeningEpoch;

    private static void Add(List<FetchRequest.FetchTopic> topics, FetchKey key, FetchPosition position)
    {
        // The order of partitions is the order of service, so only neighbours of one topic are put together.
        if (topics.Count == 0 || topics[^1].TopicId != key.TopicId || topics[^1].Topic != key.Topic)
        {
            topics.Add(new FetchRequest.FetchTopic { Topic = key.Topic, TopicId = key.TopicId });
        }

        topics[^1].Partitions.Add(new FetchRequest.FetchPartition
        {
            Partition = key.Partition,
            CurrentLeaderEpoch = position.LeaderEpoch,
            FetchOffset = position.Offset,
            LastFetchedEpoch = position.LastFetchedEpoch,
            PartitionMaxBytes = position.MaxBytes,
        });
    }

    private void Forget(List<FetchRequest.ForgottenTopic> forgotten, IReadOnlyList<KeyValuePair<FetchKey, FetchPosition>> wanted)
    {
        HashSet<FetchKey> kept = [.. wanted.Select(w => w.Key)];
        foreach (IGrouping<(Guid Id, string Name), FetchKey> topic in _remembered.Keys.Where(k => !kept.Contains(k)).ToLookup(k => (k.TopicId, k.Topic)))
        {
            var partitions = topic.Select(k => k.Partition).ToList();
            forgotten.Add(new FetchRequest.ForgottenTopic { TopicId = topic.Key.Id, Topic = topic.Key.Name, Partitions = partitions });
            foreach (FetchKey key in topic)
            {
                _remembered.Remove(key);
            }
        }
    }
}
