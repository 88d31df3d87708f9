using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Asks brokers in which of their log directories certain replicas lie.</summary>
internal sealed class DescribeReplicaLogDirsOperation : Operation<TopicPartitionReplica, DescribeLogDirsRequest, DescribeLogDirsResponse, ReplicaLogDirs>
{
    public override Api Api => Apis.DescribeLogDirs;

    public override Route RouteOf(TopicPartitionReplica key) => Route.ToBroker(key.BrokerId);

    public override DescribeLogDirsRequest CreateRequest(IReadOnlyList<TopicPartitionReplica> keys, short version) => new()
    {
        Topics = keys.GroupBy(key => key.Topic).Select(topic => new DescribeLogDirsRequest.DescribableLogDirTopic
        {
            Topic = topic.Key,
            Partitions = [.. topic.Select(key => key.Partition)],
        }).ToList(),
    };

    public override void Read(IReadOnlyList<TopicPartitionReplica> keys, DescribeLogDirsResponse response, AnswerSheet<TopicPartitionReplica, ReplicaLogDirs> answers)
    {
        ErrorCode error = LogDirs.ErrorOf(response);
        foreach (TopicPartitionReplica key in keys)
        {
            var found = new ReplicaLogDirs(null, -1, null, -1);
            foreach (DescribeLogDirsResponse.DescribeLogDirsResult dir in response.Results)
            {
                foreach (DescribeLogDirsResponse.DescribeLogDirsPartition replica in dir.Topics.Where(t => t.Name == key.Topic).SelectMany(t => t.Partitions).Where(p => p.PartitionIndex == key.Partition))
                {
                    found = replica.IsFutureKey
                        ? found with { Future = dir.LogDir, FutureOffsetLag = replica.OffsetLag }
                        : found with { Current = dir.LogDir, CurrentOffsetLag = replica.OffsetLag };
                }
            }

            answers.Note(key, error, null, found);
        }
    }

    public override string Describe(TopicPartitionReplica key) => $"Describing the log directory of {key}";
}
