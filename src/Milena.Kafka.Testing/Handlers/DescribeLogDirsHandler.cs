using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells which replicas lie in which log directory of this broker, and how large they are. The sizes of volumes are not known: nothing is on disk.</summary>
internal sealed class DescribeLogDirsHandler() : RequestHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>(Apis.DescribeLogDirs)
{
    protected override DescribeLogDirsResponse Handle(DescribeLogDirsRequest request, RequestContext context)
    {
        ClusterState cluster = context.Cluster;
        PartitionState[] here = [.. Wanted(request, cluster).Where(partition => partition.Leadership.Replicas.Contains(context.Broker.Id))];
        return new DescribeLogDirsResponse
        {
            Results = [.. cluster.Options.LogDirs.Select(directory => new DescribeLogDirsResponse.DescribeLogDirsResult
            {
                LogDir = directory,
                Topics = [.. here.Where(partition => cluster.LogDirOf(context.Broker.Id, partition) == directory).GroupBy(partition => partition.Topic.Name).Select(topic => new DescribeLogDirsResponse.DescribeLogDirsTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(partition => new DescribeLogDirsResponse.DescribeLogDirsPartition
                    {
                        PartitionIndex = partition.Index,
                        PartitionSize = partition.Size,
                    })],
                })],
            })],
        };
    }

    protected override DescribeLogDirsResponse Fail(DescribeLogDirsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static IEnumerable<PartitionState> Wanted(DescribeLogDirsRequest request, ClusterState cluster) => request.Topics is null
        ? cluster.Topics.SelectMany(topic => topic.Partitions)
        : request.Topics
            .SelectMany(topic => topic.Partitions.Select(index => cluster.Topic(topic.Topic)?.Partition(index)))
            .OfType<PartitionState>()
            .Distinct();
}
