using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Moves replicas of this broker to other log directories of it, which is done at once.</summary>
internal sealed class AlterReplicaLogDirsHandler() : RequestHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(Apis.AlterReplicaLogDirs)
{
    protected override AlterReplicaLogDirsResponse Handle(AlterReplicaLogDirsRequest request, RequestContext context) =>
        Answer(request, (path, topic, partition) => context.Cluster.MoveLogDir(context.Broker.Id, topic, partition, path));

    protected override AlterReplicaLogDirsResponse Fail(AlterReplicaLogDirsRequest request, ErrorCode error, RequestContext context) => Answer(request, (_, _, _) => error);

    private static AlterReplicaLogDirsResponse Answer(AlterReplicaLogDirsRequest request, Func<string, string, int, ErrorCode> move)
    {
        IEnumerable<(string Path, string Topic, int Partition)> all =
            from directory in request.Dirs
            from topic in directory.Topics
            from partition in topic.Partitions
            select (directory.Path, topic.Name, partition);
        return new AlterReplicaLogDirsResponse
        {
            Results = [.. all.GroupBy(replica => replica.Topic).Select(topic => new AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult
            {
                TopicName = topic.Key,
                Partitions = [.. topic.Select(replica => new AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult
                {
                    PartitionIndex = replica.Partition,
                    ErrorCode = move(replica.Path, replica.Topic, replica.Partition),
                })],
            })],
        };
    }
}
