using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>The bytes that members of a classic group exchange through its coordinator: a version, then the fields.</summary>
internal static class ConsumerProtocol
{
    /// <summary>The protocol type of groups of consumers.</summary>
    public const string Type = "consumer";

    private const short LastVersion = 3;

    public static ReadOnlyMemory<byte> WriteSubscription(MemberSubscription member) => Write(new ConsumerProtocolSubscription
    {
        Topics = [.. member.Topics],
        UserData = member.UserData,
        OwnedPartitions = [.. member.OwnedPartitions.GroupBy(p => p.Topic).Select(t => new ConsumerProtocolSubscription.TopicPartition
        {
            Topic = t.Key,
            Partitions = [.. t.Select(p => p.Partition)],
        })],
        GenerationId = member.Generation,
        RackId = member.RackId,
    });

    /// <summary>Reads what a member said of itself.</summary>
    /// <exception cref="ProtocolException">It is not a subscription.</exception>
    public static MemberSubscription ReadSubscription(string memberId, string? instanceId, ReadOnlyMemory<byte> bytes)
    {
        ConsumerProtocolSubscription read = VersionedBytes.Read<ConsumerProtocolSubscription>(bytes, LastVersion);
        return new MemberSubscription
        {
            MemberId = memberId,
            GroupInstanceId = instanceId,
            Topics = [.. read.Topics.Distinct()],
            OwnedPartitions = [.. read.OwnedPartitions.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p)))],
            Generation = read.GenerationId,
            RackId = read.RackId,
            UserData = read.UserData,
        };
    }

    public static ReadOnlyMemory<byte> WriteAssignment(MemberAssignment assignment) => Write(new ConsumerProtocolAssignment
    {
        AssignedPartitions = [.. assignment.Partitions.GroupBy(p => p.Topic).Select(t => new ConsumerProtocolAssignment.TopicPartition
        {
            Topic = t.Key,
            Partitions = [.. t.Select(p => p.Partition)],
        })],
        UserData = assignment.UserData,
    });

    /// <summary>Reads what the leader gave this member. No bytes at all mean nothing.</summary>
    /// <exception cref="ProtocolException">It is not an assignment.</exception>
    public static MemberAssignment ReadAssignment(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return new MemberAssignment([]);
        }

        ConsumerProtocolAssignment read = VersionedBytes.Read<ConsumerProtocolAssignment>(bytes, LastVersion);
        return new MemberAssignment([.. read.AssignedPartitions.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p)))], read.UserData);
    }

    private static ReadOnlyMemory<byte> Write(IMessage message)
    {
        var output = new ArrayBufferWriter<byte>(sizeof(short) + message.GetSize(LastVersion));
        var writer = new ProtocolWriter(output);
        writer.WriteInt16(LastVersion);
        message.Write(ref writer, LastVersion);
        writer.Flush();
        return output.WrittenMemory;
    }
}
