using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes the log directories of brokers and all replicas in them.</summary>
internal sealed class DescribeLogDirsOperation : Operation<int, DescribeLogDirsRequest, DescribeLogDirsResponse, IReadOnlyDictionary<string, LogDirDescription>>
{
    public override Api Api => Apis.DescribeLogDirs;

    public override Route RouteOf(int key) => Route.ToBroker(key);

    public override DescribeLogDirsRequest CreateRequest(IReadOnlyList<int> keys, short version) => new() { Topics = null };

    public override void Read(IReadOnlyList<int> keys, DescribeLogDirsResponse response, AnswerSheet<int, IReadOnlyDictionary<string, LogDirDescription>> answers) =>
        answers.Note(keys[0], LogDirs.ErrorOf(response), null, response.Results.ToDictionary(dir => dir.LogDir, Read));

    public override string Describe(int key) => $"Describing the log directories of broker {key}";

    private static LogDirDescription Read(DescribeLogDirsResponse.DescribeLogDirsResult dir) =>
        new((from topic in dir.Topics
             from partition in topic.Partitions
             select KeyValuePair.Create(new TopicPartition(topic.Name, partition.PartitionIndex), new LogDirReplica(partition.PartitionSize, partition.OffsetLag, partition.IsFutureKey)))
            .ToDictionary())
        {
            Failure = dir.ErrorCode == ErrorCode.None ? null : BrokerFault.Of($"Log directory {dir.LogDir}", dir.ErrorCode, null),
            TotalBytes = dir.TotalBytes < 0 ? null : dir.TotalBytes,
            UsableBytes = dir.UsableBytes < 0 ? null : dir.UsableBytes,
            IsCordoned = dir.IsCordoned,
        };
}
