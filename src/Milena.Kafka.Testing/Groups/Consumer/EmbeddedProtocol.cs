using System.Buffers;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>What classic consumers tell one another in bytes that the broker otherwise does not look into.</summary>
internal static class EmbeddedProtocol
{
    /// <summary>The protocol type of consumers.</summary>
    public const string Type = "consumer";

    private const short HighestVersion = 3;

    /// <exception cref="ProtocolException">The bytes are no subscription.</exception>
    public static ConsumerProtocolSubscription ReadSubscription(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ProtocolReader(bytes);
        short version = Known(reader.ReadInt16());
        return ConsumerProtocolSubscription.Read(ref reader, version);
    }

    /// <exception cref="ProtocolException">The bytes are no assignment.</exception>
    public static PartitionSet ReadAssignment(ReadOnlyMemory<byte> bytes, TopicCatalog topics)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var reader = new ProtocolReader(bytes);
        short version = Known(reader.ReadInt16());
        ConsumerProtocolAssignment assignment = ConsumerProtocolAssignment.Read(ref reader, version);
        return PartitionSet.Empty.Union(Resolve(assignment.AssignedPartitions.Select(topic => (topic.Topic, topic.Partitions)), topics));
    }

    /// <summary>Writes an assignment in the version that a subscription is in.</summary>
    public static ReadOnlyMemory<byte> WriteAssignment(PartitionSet partitions, TopicCatalog topics, ReadOnlyMemory<byte> subscription)
    {
        short version = Known(new ProtocolReader(subscription).ReadInt16());
        var assignment = new ConsumerProtocolAssignment
        {
            AssignedPartitions = [.. partitions.GroupBy(partition => topics.Find(partition.TopicId)?.Name)
                .Where(topic => topic.Key is not null)
                .OrderBy(topic => topic.Key, StringComparer.Ordinal)
                .Select(topic => new ConsumerProtocolAssignment.TopicPartition
                {
                    Topic = topic.Key!,
                    Partitions = [.. topic.Select(partition => partition.Partition)],
                })],
        };
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(bytes);
        writer.WriteInt16(version);
        assignment.Write(ref writer, version);
        writer.Flush();
        return bytes.WrittenMemory;
    }

    public static IEnumerable<TopicIdPartition> Resolve(IEnumerable<(string Topic, List<int> Partitions)> named, TopicCatalog topics) =>
        from topic in named
        let known = topics.Find(topic.Topic)
        where known is not null
        from partition in topic.Partitions
        select new TopicIdPartition(known.Value.Id, partition);

    private static short Known(short version) => version < 0 ? throw new ProtocolException($"Version {version} of the consumer protocol does not exist.") : Math.Min(version, HighestVersion);
}
