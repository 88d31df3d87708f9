using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Turns a flight into a request and finds the parts of a response again.</summary>
internal static class ProduceMessage
{
    /// <summary>Record batches of magic 2 travel from this version on (Kafka 0.11).</summary>
    public const short LowestVersion = 3;

    /// <summary>The highest version that names topics; those above know them by id only.</summary>
    public const short HighestVersionWithNames = 12;

    public static ProduceRequest Create(ProduceFlight flight, ClusterSnapshot cluster, Acks acks, TimeSpan timeout, string? transactionalId = null)
    {
        var request = new ProduceRequest { TransactionalId = transactionalId, Acks = (short)acks, TimeoutMs = (int)Math.Min(timeout.TotalMilliseconds, int.MaxValue) };
        ProduceRequest.TopicProduceData? topic = null;
        Dictionary<string, ProduceRequest.TopicProduceData>? topics = null;
        foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
        {
            string name = queue.Partition.Topic;
            if (topic is null || topic.Name != name)
            {
                if (topic is not null && topics is null)
                {
                    topics = new(StringComparer.Ordinal) { [topic.Name] = topic };
                }

                if (topics is null || !topics.TryGetValue(name, out topic))
                {
                    topic = new ProduceRequest.TopicProduceData { Name = name, TopicId = cluster.FindTopic(name)?.Id ?? Guid.Empty };
                    topics?.Add(name, topic);
                    request.TopicData.Add(topic);
                }
            }

            topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = queue.Partition.Partition, Records = batch.Bytes });
        }

        return request;
    }

    /// <summary>The highest version that fits a request: by name if the id of a topic is not known.</summary>
    public static short MaxVersion(ProduceRequest request) =>
        request.TopicData.Exists(t => t.TopicId == Guid.Empty) ? HighestVersionWithNames : short.MaxValue;
}
