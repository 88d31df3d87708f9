using System.Buffers;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>The user data of the sticky assignor: partitions by topic, and from version 1 on the generation. Nothing in it names the version.</summary>
internal static class StickyUserData
{
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<TopicPartition> partitions, int generation)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(output);
        IGrouping<string, TopicPartition>[] topics = [.. partitions.GroupBy(p => p.Topic)];
        writer.WriteArrayCount(topics.Length, flexible: false);
        foreach (IGrouping<string, TopicPartition> topic in topics)
        {
            int[] numbers = [.. topic.Select(p => p.Partition)];
            writer.WriteString(topic.Key, flexible: false);
            writer.WriteArrayCount(numbers.Length, flexible: false);
            foreach (int number in numbers)
            {
                writer.WriteInt32(number);
            }
        }

        writer.WriteInt32(generation);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads what a member says it had. What cannot be read counts as nothing: the member only loses its claim to what it had.</summary>
    public static (IReadOnlyList<TopicPartition> Partitions, int Generation) Read(ReadOnlyMemory<byte>? userData)
    {
        if (userData is not { Length: > 0 } bytes)
        {
            return ([], -1);
        }

        try
        {
            var reader = new ProtocolReader(bytes);
            var partitions = new List<TopicPartition>();
            for (int topics = reader.ReadArrayCount(flexible: false, 6); topics > 0; topics--)
            {
                string topic = reader.ReadString(flexible: false);
                for (int numbers = reader.ReadArrayCount(flexible: false, sizeof(int)); numbers > 0; numbers--)
                {
                    partitions.Add(new TopicPartition(topic, reader.ReadInt32()));
                }
            }

            return (partitions, reader.Remaining >= sizeof(int) ? reader.ReadInt32() : -1);
        }
        catch (ProtocolException)
        {
            return ([], -1);
        }
    }
}
