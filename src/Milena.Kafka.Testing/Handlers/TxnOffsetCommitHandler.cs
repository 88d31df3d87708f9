using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Keeps the positions of a group until the transaction that they belong to ends.</summary>
internal sealed class TxnOffsetCommitHandler(GroupCoordinator groups, TransactionCoordinator transactions)
    : RequestHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(Apis.TxnOffsetCommit)
{
    private const short FirstVersionThatEnrols = 5;
    private const short FirstVersionWithTopicIds = 6;

    protected override TxnOffsetCommitResponse Handle(TxnOffsetCommitRequest request, RequestContext context)
    {
        ErrorCode error = string.IsNullOrEmpty(request.TransactionalId) ? ErrorCode.InvalidRequest
            : context.TransactionalIdRefusal(request.TransactionalId) is { } refusal ? refusal
            : groups.Check(request.GroupId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        if (!request.Topics.Exists(topic => topic.Partitions.Exists(partition => RefusalOf(topic, partition, context) is null)))
        {
            // There is nothing to store, so that nothing is enrolled.
            return Answer(request, (topic, partition) => RefusalOf(topic, partition, context)!.Value);
        }

        TxnOffsetCommitResponse? answer = null;
        var call = new TransactionCall(
            request.TransactionalId,
            new ProducerIdentity(request.ProducerId, request.ProducerEpoch),
            context.Version >= FirstVersionThatEnrols);
        error = TransactionErrors.ToOffsetCommit(
            transactions.WriteOffsets(call, request.GroupId, () => answer = Stage(request, context)),
            context.Version);
        return answer ?? Fail(request, error, context);
    }

    protected override TxnOffsetCommitResponse Fail(TxnOffsetCommitRequest request, ErrorCode error, RequestContext context) => Answer(request, (_, _) => error);

    protected override IEnumerable<(string Topic, int? Partition)> Targets(TxnOffsetCommitRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (Find(topic, context)?.Name ?? topic.Name, (int?)partition.PartitionIndex));

    private static TopicState? Find(TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic, RequestContext context) =>
        context.Version >= FirstVersionWithTopicIds ? context.Cluster.Topic(topic.TopicId) : context.Cluster.Topic(topic.Name);

    private static TxnOffsetCommitResponse Answer(
        TxnOffsetCommitRequest request,
        Func<TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic, TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition, ErrorCode> commit) => new()
        {
            Topics = [.. request.Topics.Select(topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(partition => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = commit(topic, partition),
                })],
            })],
        };

    private TxnOffsetCommitResponse Stage(TxnOffsetCommitRequest request, RequestContext context)
    {
        if (groups.Find(request.GroupId) is null && request.GenerationIdOrMemberEpoch >= 0)
        {
            return Fail(request, context.Version >= FirstVersionWithTopicIds ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration, context);
        }

        Group group = groups.FindOrCreate(request.GroupId);
        ErrorCode error = group.CheckTransactionalCommit(request, context.Version);
        return error != ErrorCode.None ? Fail(request, error, context) : Answer(request, (topic, asked) => Stage(group, request.ProducerId, topic, asked, context));
    }

    private static ErrorCode Stage(
        Group group,
        long producerId,
        TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic,
        TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition asked,
        RequestContext context)
    {
        if (RefusalOf(topic, asked, context) is { } refusal)
        {
            return refusal;
        }

        TopicState state = Find(topic, context)!;
        var offset = new CommittedOffset(asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata ?? "") { TopicId = state.Id };
        group.Offsets.Stage(producerId, state.Name, asked.PartitionIndex, offset);
        return context.ErrorAfter(state.Name, asked.PartitionIndex) ?? ErrorCode.None;
    }

    private static ErrorCode? RefusalOf(
        TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic topic, TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition asked, RequestContext context) =>
        CommitCheck.Refuse(Find(topic, context), asked.PartitionIndex, asked.CommittedMetadata, context, FirstVersionWithTopicIds);
}
