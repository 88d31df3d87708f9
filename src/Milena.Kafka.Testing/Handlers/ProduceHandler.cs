using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Checks batches and appends them to the logs that this broker leads.</summary>
internal sealed class ProduceHandler(TransactionCoordinator transactions) : RequestHandler<ProduceRequest, ProduceResponse>(Apis.Produce)
{
    private const short FirstVersionWithTopicIds = 13;
    private const short FirstVersionWithLeaders = 10;
    private const short FirstVersionThatEnrols = 12;

    protected override ProduceResponse? Handle(ProduceRequest request, RequestContext context)
    {
        if (request.Acks is not ((short)Acks.None or (short)Acks.Leader or (short)Acks.All))
        {
            return Fail(request, ErrorCode.InvalidRequiredAcks, context);
        }

        return Answer(request, context, (topic, wanted) => Append(topic, wanted, request, context));
    }

    protected override ProduceResponse? Fail(ProduceRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, context, (_, _) => AppendResult.Failed(error, error.Meaning()));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(ProduceRequest request, RequestContext context) =>
        request.TopicData.SelectMany(topic => topic.PartitionData, (topic, partition) => (NameOf(topic, context), (int?)partition.Index));

    private static TopicState? Find(ProduceRequest.TopicProduceData topic, RequestContext context) =>
        context.Version >= FirstVersionWithTopicIds ? context.Cluster.Topic(topic.TopicId) : context.Cluster.Topic(topic.Name);

    private static string NameOf(ProduceRequest.TopicProduceData topic, RequestContext context) => Find(topic, context)?.Name ?? topic.Name;

    private static ProduceResponse? Answer(
        ProduceRequest request,
        RequestContext context,
        Func<ProduceRequest.TopicProduceData, ProduceRequest.PartitionProduceData, AppendResult> append)
    {
        var response = new ProduceResponse { ThrottleTimeMs = (int)context.Cluster.ProduceThrottle.TotalMilliseconds };
        bool failed = false;
        foreach (ProduceRequest.TopicProduceData topic in request.TopicData)
        {
            var answer = new ProduceResponse.TopicProduceResponse { Name = topic.Name, TopicId = topic.TopicId };
            response.Responses.Add(answer);
            foreach (ProduceRequest.PartitionProduceData wanted in topic.PartitionData)
            {
                AppendResult result = append(topic, wanted);
                failed |= result.Error is not null;
                answer.PartitionResponses.Add(Describe(wanted.Index, result));
                AddLeader(response, answer.PartitionResponses[^1], Find(topic, context)?.Partition(wanted.Index), context);
            }
        }

        if (request.Acks != (short)Acks.None)
        {
            return response;
        }

        // A producer that wants no answer learns of a failure only by losing its connection.
        context.ClosesConnection = failed;
        return null;
    }

    private AppendResult Append(
        ProduceRequest.TopicProduceData topic,
        ProduceRequest.PartitionProduceData wanted,
        ProduceRequest request,
        RequestContext context)
    {
        TopicState? state = Find(topic, context);
        if (context.ErrorBefore(state?.Name, wanted.Index) is { } planned)
        {
            return AppendResult.Failed(planned, planned.Meaning());
        }

        if (state?.Partition(wanted.Index) is not { } partition)
        {
            ErrorCode unknown = state is null && context.Version >= FirstVersionWithTopicIds ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            return AppendResult.Failed(unknown, unknown.Meaning());
        }

        CompressionCodecs codecs = context.Cluster.Options.Codecs;
        if (ProducedRecords.Read(wanted.Records, context.Version, codecs, out RecordBatch batch) is { } malformed)
        {
            return AppendResult.Failed(malformed);
        }

        // Leadership comes before the batch: a wrong broker does not say what is wrong with it.
        ErrorCode leader = partition.CheckLeader(context.Broker.Id, -1);
        if (leader == ErrorCode.None && (BatchCheck.Check(batch, state.Configs, codecs, context.Cluster.Time.GetUtcNow()) ?? Compress(ref batch, state.Configs, codecs)) is { } bad)
        {
            return AppendResult.Failed(bad);
        }

        AppendResult result = leader == ErrorCode.None && batch.IsTransactional
            ? AppendInTransaction(partition, batch, request, context)
            : partition.Append(context.Broker.Id, batch, (Acks)request.Acks, context.Cluster.Time);
        return context.ErrorAfter(state.Name, wanted.Index) is { } afterwards ? AppendResult.Failed(afterwards, afterwards.Meaning()) : result;
    }

    /// <summary>Compresses a batch as its topic wants it, which may make it too large.</summary>
    private static AppendError? Compress(ref RecordBatch batch, TopicConfigs configs, CompressionCodecs codecs)
    {
        batch = configs.Compression?.Apply(batch, codecs) ?? batch;
        return BatchCheck.CheckSize(batch, configs);
    }

    private AppendResult AppendInTransaction(PartitionState partition, RecordBatch batch, ProduceRequest request, RequestContext context)
    {
        if (request.TransactionalId is null)
        {
            return AppendResult.Failed(ErrorCode.TransactionalIdAuthorizationFailed, "A batch of a transaction came without a transactional id.");
        }

        if (context.TransactionalIdRefusal(request.TransactionalId) is { } denied)
        {
            return AppendResult.Failed(denied, denied.Meaning());
        }

        var call = new TransactionCall(
            request.TransactionalId,
            new ProducerIdentity(batch.Producer.Id, batch.Producer.Epoch),
            context.Version >= FirstVersionThatEnrols);
        AppendResult? result = null;
        ErrorCode refusal = TransactionErrors.ToProduce(
            transactions.Write(
                call,
                partition.Topic.Name,
                partition.Index,
                () => result = partition.Append(context.Broker.Id, batch, (Acks)request.Acks, context.Cluster.Time)),
            context.Version);
        return result ?? AppendResult.Failed(refusal, refusal.Meaning());
    }

    private static ProduceResponse.PartitionProduceResponse Describe(int index, AppendResult result) => new()
    {
        Index = index,
        ErrorCode = result.Error?.Code ?? ErrorCode.None,
        ErrorMessage = result.Error?.Message,
        RecordErrors = result.Error is { RecordIndex: { } record } error
            ? [new() { BatchIndex = record, BatchIndexErrorMessage = error.Message }]
            : [],
        BaseOffset = result.BaseOffset,
        LogAppendTimeMs = result.LogAppendTime ?? -1,
        LogStartOffset = result.LogStartOffset,
    };

    /// <summary>KIP-951: along with the error goes the leader to turn to.</summary>
    private static void AddLeader(
        ProduceResponse response,
        ProduceResponse.PartitionProduceResponse answer,
        PartitionState? partition,
        RequestContext context)
    {
        if (answer.ErrorCode != ErrorCode.NotLeaderOrFollower || context.Version < FirstVersionWithLeaders || partition is null)
        {
            return;
        }

        Leadership leadership = partition.Leadership;
        answer.CurrentLeader = new() { LeaderId = leadership.Leader, LeaderEpoch = leadership.Epoch };
        if (context.Cluster.AliveBroker(leadership.Leader) is { } leader && !response.NodeEndpoints.Exists(node => node.NodeId == leader.Id))
        {
            response.NodeEndpoints.Add(new() { NodeId = leader.Id, Host = leader.Host, Port = leader.Port });
        }
    }
}
