using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells where transactional ids stand that this broker looks after.</summary>
internal sealed class DescribeTransactionsHandler(TransactionCoordinator transactions)
    : RequestHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>(Apis.DescribeTransactions)
{
    // Where positions are stored: groups are told as the partitions that they would be in.
    private const string OffsetsTopic = "__consumer_offsets";

    protected override DescribeTransactionsResponse Handle(DescribeTransactionsRequest request, RequestContext context) => new()
    {
        TransactionStates = [.. request.TransactionalIds.Select(id => Describe(id, context))],
    };

    protected override DescribeTransactionsResponse Fail(DescribeTransactionsRequest request, ErrorCode error, RequestContext context) => new()
    {
        TransactionStates = [.. request.TransactionalIds.Select(id => Failed(id, error))],
    };

    private static DescribeTransactionsResponse.TransactionStateStruct Failed(string id, ErrorCode error) => new() { TransactionalId = id, ErrorCode = error };

    private DescribeTransactionsResponse.TransactionStateStruct Describe(string id, RequestContext context)
    {
        ErrorCode error = context.Allows(ResourceType.TransactionalId, id, AclOperation.Describe)
            ? transactions.Check(id, context)
            : ErrorCode.TransactionalIdAuthorizationFailed;
        if (error != ErrorCode.None)
        {
            return Failed(id, error);
        }

        if (transactions.Find(id)?.Describe() is not { } transaction)
        {
            return Failed(id, ErrorCode.TransactionalIdNotFound);
        }

        IEnumerable<(string Topic, int Partition)> enrolled = transaction.Partitions
            .Concat(transaction.Groups.Select(group => (OffsetsTopic, CoordinatorSlots.SlotOf(group))).Distinct());
        return new DescribeTransactionsResponse.TransactionStateStruct
        {
            TransactionalId = id,
            TransactionState = transaction.State,
            TransactionTimeoutMs = (int)transaction.Timeout.TotalMilliseconds,
            TransactionStartTimeMs = transaction.StartedAt?.ToUnixTimeMilliseconds() ?? -1,
            ProducerId = transaction.ProducerId,
            ProducerEpoch = transaction.ProducerEpoch,
            Topics = [.. enrolled.Where(partition => context.Allows(ResourceType.Topic, partition.Topic, AclOperation.Describe)).GroupBy(partition => partition.Topic, (topic, partitions) => new DescribeTransactionsResponse.TopicData
            {
                Topic = topic,
                Partitions = [.. partitions.Select(partition => partition.Partition)],
            })],
        };
    }
}
