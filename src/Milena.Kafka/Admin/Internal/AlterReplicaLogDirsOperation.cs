using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Has brokers move replicas to other log directories of theirs.</summary>
internal sealed class AlterReplicaLogDirsOperation : Operation<TopicPartitionReplica, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, bool>
{
    private readonly IReadOnlyDictionary<TopicPartitionReplica, string> _targets;

    public AlterReplicaLogDirsOperation(IReadOnlyDictionary<TopicPartitionReplica, string> targets) => _targets = targets;

    public override Api Api => Apis.AlterReplicaLogDirs;

    public override Route RouteOf(TopicPartitionReplica key) => Route.ToBroker(key.BrokerId);

    public override AlterReplicaLogDirsRequest CreateRequest(IReadOnlyList<TopicPartitionReplica> keys, short version) => new()
    {
        Dirs = keys.GroupBy(key => _targets[key]).Select(dir => new AlterReplicaLogDirsRequest.AlterReplicaLogDir
        {
            Path = dir.Key,
            Topics = dir.GroupBy(key => key.Topic).Select(topic => new AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(key => key.Partition)],
            }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<TopicPartitionReplica> keys, AlterReplicaLogDirsResponse response, AnswerSheet<TopicPartitionReplica, bool> answers)
    {
        foreach (AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult topic in response.Results)
        {
            foreach (AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult partition in topic.Partitions)
            {
                answers.Note(new TopicPartitionReplica(topic.TopicName, partition.PartitionIndex, keys[0].BrokerId), partition.ErrorCode, null, true);
            }
        }
    }

    // A broker knows its own disks: it would say the same again.
    public override RecoveryAction Decide(ErrorCode error) =>
        error is ErrorCode.ReplicaNotAvailable or ErrorCode.KafkaStorageError or ErrorCode.LogDirNotFound ? RecoveryAction.Fail : AdminErrors.Decide(error);

    public override string Describe(TopicPartitionReplica key) => $"Moving {key} to {_targets[key]}";
}
