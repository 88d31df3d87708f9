using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Reads back the positions of groups.</summary>
internal sealed class OffsetFetchHandler(GroupCoordinator groups) : RequestHandler<OffsetFetchRequest, OffsetFetchResponse>(Apis.OffsetFetch)
{
    private const short FirstVersionOfGroups = 8;
    private const short FirstVersionWithTopicIds = 10;

    // In version 0 and 1 there is no place for an error of the whole.
    private const short FirstVersionWithError = 2;

    protected override OffsetFetchResponse Handle(OffsetFetchRequest request, RequestContext context) =>
        context.Version >= FirstVersionOfGroups
            ? new OffsetFetchResponse { Groups = [.. request.Groups.Select(group => FetchGroup(group, request.RequireStable, Check(group, context), context))] }
            : FetchOne(request, groups.Check(request.GroupId, context), context);

    protected override OffsetFetchResponse Fail(OffsetFetchRequest request, ErrorCode error, RequestContext context) =>
        context.Version >= FirstVersionOfGroups
            ? new OffsetFetchResponse { Groups = [.. request.Groups.Select(group => FetchGroup(group, request.RequireStable, error, context))] }
            : FetchOne(request, error, context);

    private OffsetFetchResponse FetchOne(OffsetFetchRequest request, ErrorCode error, RequestContext context)
    {
        if (error != ErrorCode.None && context.Version >= FirstVersionWithError)
        {
            return new OffsetFetchResponse { ErrorCode = error };
        }

        CommittedOffsets? offsets = OffsetsOf(request.GroupId, context);
        IEnumerable<(string Name, List<int> Partitions)> wanted = request.Topics is { } topics
            ? topics.Select(topic => (topic.Name, topic.PartitionIndexes))
            : Stored(offsets);
        return new OffsetFetchResponse
        {
            Topics = [.. wanted.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition =>
                    error == ErrorCode.None && context.TopicRefusal(topic.Name) is { } refusal ? Describe(partition, null, refusal)
                    : error == ErrorCode.None && request.RequireStable && offsets?.IsStaged(topic.Name, partition) == true
                        ? Describe(partition, null, ErrorCode.UnstableOffsetCommit)
                        : Describe(partition, offsets?.Find(topic.Name, partition), error))],
            })],
        };
    }

    private OffsetFetchResponse.OffsetFetchResponseGroup FetchGroup(
        OffsetFetchRequest.OffsetFetchRequestGroup request,
        bool requireStable,
        ErrorCode error,
        RequestContext context)
    {
        var answer = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = request.GroupId, ErrorCode = error };
        if (error != ErrorCode.None)
        {
            return answer;
        }

        CommittedOffsets? offsets = OffsetsOf(request.GroupId, context);
        bool byId = context.Version >= FirstVersionWithTopicIds;
        IEnumerable<(string? Name, Guid Id, List<int> Partitions)> wanted = request.Topics is { } topics
            ? topics.Select(topic => (byId ? context.Cluster.Topic(topic.TopicId)?.Name : topic.Name, topic.TopicId, topic.PartitionIndexes))
            : Stored(offsets).Select(topic => ((string?)topic.Name, context.Cluster.Topic(topic.Name)?.Id ?? Guid.Empty, topic.Partitions));
        answer.Topics = [.. wanted.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
        {
            Name = topic.Name ?? "",
            TopicId = topic.Id,
            Partitions = [.. topic.Partitions.Select(partition => topic.Name is not null && context.TopicRefusal(topic.Name) is { } refusal
                ? DescribeNew(partition, null, refusal)
                : FindNew(offsets, topic.Name, partition, requireStable))],
        })];
        return answer;
    }

    private static OffsetFetchResponse.OffsetFetchResponsePartitions FindNew(CommittedOffsets? offsets, string? topic, int partition, bool requireStable)
    {
        if (topic is null)
        {
            return DescribeNew(partition, null, ErrorCode.UnknownTopicId);
        }

        // KIP-447: who takes over a partition waits for the transaction of the one before.
        return requireStable && offsets?.IsStaged(topic, partition) == true
            ? DescribeNew(partition, null, ErrorCode.UnstableOffsetCommit)
            : DescribeNew(partition, offsets?.Find(topic, partition), ErrorCode.None);
    }

    private CommittedOffsets? OffsetsOf(string groupId, RequestContext context)
    {
        CommittedOffsets? offsets = groups.Find(groupId)?.Offsets;
        offsets?.Prune(topic => context.Cluster.Topic(topic)?.Id);
        return offsets;
    }

    private ErrorCode Check(OffsetFetchRequest.OffsetFetchRequestGroup request, RequestContext context) =>
        groups.Check(request.GroupId, context) is var error && error != ErrorCode.None
            ? error
            : groups.Find(request.GroupId)?.CheckFetch(request.MemberId, request.MemberEpoch) ?? ErrorCode.None;

    private static IEnumerable<(string Name, List<int> Partitions)> Stored(CommittedOffsets? offsets) =>
        (offsets?.Partitions ?? []).GroupBy(partition => partition.Topic, (topic, partitions) => (topic, partitions.Select(partition => partition.Partition).ToList()));

    private static OffsetFetchResponse.OffsetFetchResponsePartition Describe(int partition, CommittedOffset? offset, ErrorCode error) => new()
    {
        PartitionIndex = partition,
        CommittedOffset = error == ErrorCode.None ? offset?.Offset ?? -1 : -1,
        CommittedLeaderEpoch = offset?.LeaderEpoch ?? -1,
        Metadata = offset?.Metadata ?? "",
        ErrorCode = error,
    };

    private static OffsetFetchResponse.OffsetFetchResponsePartitions DescribeNew(int partition, CommittedOffset? offset, ErrorCode error) => new()
    {
        PartitionIndex = partition,
        CommittedOffset = offset?.Offset ?? -1,
        CommittedLeaderEpoch = offset?.LeaderEpoch ?? -1,
        Metadata = offset?.Metadata ?? "",
        ErrorCode = error,
    };
}
