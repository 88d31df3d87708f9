using System.Collections.Frozen;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Makes the next snapshot out of the last one and what a broker said. Leader epochs of a topic never go back.</summary>
internal static class ClusterSnapshotUpdate
{
    /// <summary>Takes in an answer about some topics, or about all of them.</summary>
    public static ClusterSnapshot Apply(this ClusterSnapshot current, MetadataResponse response, bool allTopics)
    {
        var topics = allTopics ? new Dictionary<string, TopicMetadata>() : new Dictionary<string, TopicMetadata>(current.Topics);
        foreach (MetadataResponse.MetadataResponseTopic topic in response.Topics)
        {
            // A topic asked for by an id that does not exist comes back without a name.
            if (topic.Name is { Length: > 0 } name)
            {
                topics[name] = Merge(current.FindTopic(name), topic, name);
            }
        }

        return new ClusterSnapshot
        {
            ClusterId = response.ClusterId ?? current.ClusterId,
            ControllerId = response.ControllerId,
            Brokers = response.Brokers.Select(b => new BrokerEndpoint(b.NodeId, b.Host, b.Port, b.Rack)).DistinctBy(b => b.Id).ToFrozenDictionary(b => b.Id),
            Topics = topics,
            TopicNames = NamesById(topics),
        };
    }

    /// <summary>Takes in what a produce or fetch answer said of a partition's new leader (KIP-951).</summary>
    public static ClusterSnapshot WithLeader(this ClusterSnapshot current, TopicPartition partition, int leaderId, int leaderEpoch, BrokerEndpoint? endpoint)
    {
        PartitionMetadata? known = current.FindPartition(partition);
        if (known is null || leaderId < 0 || leaderEpoch <= known.LeaderEpoch || (endpoint is null && !current.Brokers.ContainsKey(leaderId)))
        {
            return current;
        }

        TopicMetadata topic = current.Topics[partition.Topic];
        PartitionMetadata[] partitions = [.. topic.Partitions];
        partitions[partition.Partition] = known with { LeaderId = leaderId, LeaderEpoch = leaderEpoch, Error = ErrorCode.None };
        var topics = new Dictionary<string, TopicMetadata>(current.Topics) { [topic.Name] = topic with { Partitions = partitions } };
        var brokers = current.Brokers;
        if (endpoint is not null && (!brokers.TryGetValue(leaderId, out BrokerEndpoint? old) || old.Host != endpoint.Host || old.Port != endpoint.Port))
        {
            brokers = brokers.Values.Where(b => b.Id != leaderId).Append(endpoint).ToFrozenDictionary(b => b.Id);
        }

        return new ClusterSnapshot
        {
            ClusterId = current.ClusterId,
            ControllerId = current.ControllerId,
            Brokers = brokers,
            Topics = topics,
            TopicNames = current.TopicNames,
        };
    }

    /// <summary>Forgets where the brokers are, so that the bootstrap list is asked again (KIP-1102).</summary>
    public static ClusterSnapshot WithoutBrokers(this ClusterSnapshot current) =>
        new() { ClusterId = current.ClusterId, Topics = current.Topics, TopicNames = current.TopicNames };

    private static TopicMetadata Merge(TopicMetadata? old, MetadataResponse.MetadataResponseTopic topic, string name)
    {
        bool sameTopic = old is not null && old.Id == topic.TopicId;
        if (sameTopic && topic.ErrorCode is ErrorCode.LeaderNotAvailable && old!.Partitions.Count > 0 && topic.Partitions.Count == 0)
        {
            return old;
        }

        var partitions = new PartitionMetadata[topic.Partitions.Count];
        foreach (MetadataResponse.MetadataResponsePartition p in topic.Partitions)
        {
            if ((uint)p.PartitionIndex >= (uint)partitions.Length || partitions[p.PartitionIndex] is not null)
            {
                throw new ProtocolException($"The metadata of topic '{name}' names partition {p.PartitionIndex} among {partitions.Length} partitions.");
            }

            var heard = new PartitionMetadata(p.PartitionIndex, p.ErrorCode, p.LeaderId, p.LeaderEpoch, p.ReplicaNodes, p.IsrNodes);
            PartitionMetadata? known = sameTopic && p.PartitionIndex < old!.Partitions.Count ? old.Partitions[p.PartitionIndex] : null;
            partitions[p.PartitionIndex] = known is not null && heard.LeaderEpoch >= 0 && heard.LeaderEpoch < known.LeaderEpoch ? known : heard;
        }

        return new TopicMetadata(name, topic.TopicId, topic.ErrorCode, topic.IsInternal, partitions);
    }

    private static Dictionary<Guid, string> NamesById(Dictionary<string, TopicMetadata> topics)
    {
        var names = new Dictionary<Guid, string>();
        foreach (TopicMetadata topic in topics.Values)
        {
            if (topic.Id != Guid.Empty)
            {
                names[topic.Id] = topic.Name;
            }
        }

        return names;
    }
}
