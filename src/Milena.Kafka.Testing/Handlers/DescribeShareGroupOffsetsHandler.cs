using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Share;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells from where share groups would read.</summary>
internal sealed class DescribeShareGroupOffsetsHandler(GroupCoordinator groups)
    : RequestHandler<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(Apis.DescribeShareGroupOffsets)
{
    private const long NoStart = -1;

    protected override DescribeShareGroupOffsetsResponse Handle(DescribeShareGroupOffsetsRequest request, RequestContext context) => new()
    {
        Groups = [.. request.Groups.Select(group => Describe(group, context))],
    };

    protected override DescribeShareGroupOffsetsResponse Fail(DescribeShareGroupOffsetsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Groups = [.. request.Groups.Select(group => Failed(group.GroupId, error))],
    };

    private static DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup Failed(string id, ErrorCode error) => new()
    {
        GroupId = id,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup Describe(
        DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Failed(request.GroupId, error);
        }

        if (groups.Share.Find(request.GroupId) is not { } group)
        {
            return Failed(request.GroupId, ErrorCode.GroupIdNotFound);
        }

        IEnumerable<(string Topic, List<int> Partitions)> wanted = request.Topics is { } named
            ? named.Select(topic => (topic.TopicName, topic.Partitions))
            : group.Partitions
                .GroupBy(partition => partition.Topic, partition => partition.Partition)
                .Select(topic => (Name: context.Cluster.Topic(topic.Key)?.Name, Partitions: topic.ToList()))
                .Where(topic => topic.Name is not null && context.TopicRefusal(topic.Name) is null)
                .Select(topic => (topic.Name!, topic.Partitions));
        return new DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup
        {
            GroupId = request.GroupId,
            Topics = [.. wanted.Select(topic => new DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic
            {
                TopicName = topic.Topic,
                TopicId = context.Cluster.Topic(topic.Topic)?.Id ?? Guid.Empty,
                Partitions = [.. topic.Partitions.Select(partition => Describe(group, topic.Topic, partition, context))],
            })],
        };
    }

    private static DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition Describe(ShareGroup group, string name, int index, RequestContext context)
    {
        if (context.TopicRefusal(name) is { } refusal)
        {
            return new() { PartitionIndex = index, StartOffset = NoStart, ErrorCode = refusal, ErrorMessage = refusal.Meaning() };
        }

        PartitionState? partition = context.Cluster.Topic(name)?.Partition(index);
        long? start = partition is null ? null : group.StartOf(partition.Topic.Id, index);
        return new()
        {
            PartitionIndex = index,
            StartOffset = start ?? NoStart,
            LeaderEpoch = start is null ? 0 : partition!.Leadership.Epoch,
            Lag = start is null ? -1 : Math.Max(0, partition!.Offsets.HighWatermark - start.Value),
        };
    }
}
