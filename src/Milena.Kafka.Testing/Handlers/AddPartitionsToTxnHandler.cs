using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Enrols partitions in transactions, or says whether they are enrolled.</summary>
internal sealed class AddPartitionsToTxnHandler(TransactionCoordinator transactions)
    : RequestHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(Apis.AddPartitionsToTxn)
{
    private const short FirstVersionWithFenced = 2;
    private const short FirstVersionOfBatches = 4;

    protected override AddPartitionsToTxnResponse Handle(AddPartitionsToTxnRequest request, RequestContext context) =>
        context.Version >= FirstVersionOfBatches && !context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.ClusterAction)
            ? Fail(request, ErrorCode.ClusterAuthorizationFailed, context)
            : Answer(request, context, transaction => Add(transaction, context));

    protected override AddPartitionsToTxnResponse Fail(AddPartitionsToTxnRequest request, ErrorCode error, RequestContext context) =>
        context.Version >= FirstVersionOfBatches
            ? new AddPartitionsToTxnResponse { ErrorCode = error }
            : Answer(request, context, _ => (_, _) => error);

    protected override IEnumerable<(string Topic, int? Partition)> Targets(AddPartitionsToTxnRequest request, RequestContext context) =>
        Transactions(request, context).SelectMany(Partitions).Select(partition => (partition.Topic, (int?)partition.Partition));

    private static AddPartitionsToTxnResponse Answer(
        AddPartitionsToTxnRequest request,
        RequestContext context,
        Func<AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction, Func<string, int, ErrorCode>> add)
    {
        List<AddPartitionsToTxnResponse.AddPartitionsToTxnResult> results = [.. Transactions(request, context).Select(transaction =>
        {
            Func<string, int, ErrorCode> errorOf = add(transaction);
            return new AddPartitionsToTxnResponse.AddPartitionsToTxnResult
            {
                TransactionalId = transaction.TransactionalId,
                TopicResults = [.. transaction.Topics.Select(topic => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
                {
                    Name = topic.Name,
                    ResultsByPartition = [.. topic.Partitions.Select(partition => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                    {
                        PartitionIndex = partition,
                        PartitionErrorCode = errorOf(topic.Name, partition),
                    })],
                })],
            };
        })];
        return context.Version >= FirstVersionOfBatches
            ? new AddPartitionsToTxnResponse { ResultsByTransaction = results }
            : new AddPartitionsToTxnResponse { ResultsByTopicV3AndBelow = results[0].TopicResults };
    }

    private static List<AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction> Transactions(AddPartitionsToTxnRequest request, RequestContext context) =>
        context.Version >= FirstVersionOfBatches
            ? request.Transactions
            : [new AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction
            {
                TransactionalId = request.V3AndBelowTransactionalId,
                ProducerId = request.V3AndBelowProducerId,
                ProducerEpoch = request.V3AndBelowProducerEpoch,
                Topics = request.V3AndBelowTopics,
            }];

    private static IEnumerable<(string Topic, int Partition)> Partitions(AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction transaction) =>
        transaction.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Name, partition));

    private Func<string, int, ErrorCode> Add(AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction request, RequestContext context)
    {
        ErrorCode refusal = transactions.Check(request.TransactionalId, context);
        if (refusal != ErrorCode.None)
        {
            return (_, _) => refusal;
        }

        (string Topic, int Partition)[] partitions = [.. Partitions(request)];
        if (Array.Exists(partitions, partition => ErrorOf(partition.Topic, partition.Partition, context) != ErrorCode.None))
        {
            // All or nothing.
            return (topic, partition) => ErrorOf(topic, partition, context) is var own && own != ErrorCode.None ? own : ErrorCode.OperationNotAttempted;
        }

        if (transactions.Find(request.TransactionalId) is not { } transaction)
        {
            return (_, _) => ErrorCode.InvalidProducerIdMapping;
        }

        var producer = new ProducerIdentity(request.ProducerId, request.ProducerEpoch);
        if (request.VerifyOnly)
        {
            return (topic, partition) => transaction.Verify(producer, topic, partition);
        }

        ErrorCode error = TransactionErrors.ToOwner(transaction.Add(producer, partitions), context.Version, FirstVersionWithFenced);
        return (topic, partition) => error != ErrorCode.None ? error : context.ErrorAfter(topic, partition) ?? ErrorCode.None;
    }

    private static ErrorCode ErrorOf(string topic, int partition, RequestContext context) =>
        context.ErrorBefore(topic, partition)
        ?? (context.Cluster.Topic(topic)?.Partition(partition) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
}
