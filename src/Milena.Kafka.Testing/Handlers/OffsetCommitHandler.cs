using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Stores the positions of groups.</summary>
internal sealed class OffsetCommitHandler(GroupCoordinator groups) : RequestHandler<OffsetCommitRequest, OffsetCommitResponse>(Apis.OffsetCommit)
{
    private const short FirstVersionWithGroupNotFound = 9;
    private const short FirstVersionWithTopicIds = 10;

    protected override OffsetCommitResponse Handle(OffsetCommitRequest request, RequestContext context)
    {
        ErrorCode error = groups.Check(request.GroupId, context);
        if (error == ErrorCode.None && groups.Find(request.GroupId) is null && request.GenerationIdOrMemberEpoch >= 0)
        {
            // Older versions have no word for a group that does not exist.
            error = context.Version >= FirstVersionWithGroupNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
        }

        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        Group group = groups.FindOrCreate(request.GroupId);
        error = group.CheckCommit(request, context.Version);
        return error != ErrorCode.None ? Fail(request, error, context) : Answer(request, (topic, asked) => Commit(group, topic, asked, context));
    }

    protected override OffsetCommitResponse Fail(OffsetCommitRequest request, ErrorCode error, RequestContext context) => Answer(request, (_, _) => error);

    protected override IEnumerable<(string Topic, int? Partition)> Targets(OffsetCommitRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (Find(topic, context)?.Name ?? topic.Name, (int?)partition.PartitionIndex));

    private static TopicState? Find(OffsetCommitRequest.OffsetCommitRequestTopic topic, RequestContext context) =>
        context.Version >= FirstVersionWithTopicIds ? context.Cluster.Topic(topic.TopicId) : context.Cluster.Topic(topic.Name);

    private static OffsetCommitResponse Answer(
        OffsetCommitRequest request,
        Func<OffsetCommitRequest.OffsetCommitRequestTopic, OffsetCommitRequest.OffsetCommitRequestPartition, ErrorCode> commit) => new()
        {
            Topics = [.. request.Topics.Select(topic => new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = commit(topic, partition),
                })],
            })],
        };

    private static ErrorCode Commit(
        Group group,
        OffsetCommitRequest.OffsetCommitRequestTopic topic,
        OffsetCommitRequest.OffsetCommitRequestPartition asked,
        RequestContext context)
    {
        TopicState? state = Find(topic, context);
        if (CommitCheck.Refuse(state, asked.PartitionIndex, asked.CommittedMetadata, context, FirstVersionWithTopicIds) is { } refusal)
        {
            return refusal;
        }

        group.Offsets.Commit(state!.Name, asked.PartitionIndex, new CommittedOffset(asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata ?? "") { TopicId = state.Id });
        return context.ErrorAfter(state.Name, asked.PartitionIndex) ?? ErrorCode.None;
    }
}
