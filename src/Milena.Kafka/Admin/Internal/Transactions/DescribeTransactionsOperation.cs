using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Transactions;

/// <summary>Asks coordinators where transactional ids stand.</summary>
internal sealed class DescribeTransactionsOperation : Operation<string, DescribeTransactionsRequest, DescribeTransactionsResponse, TransactionDescription>
{
    private readonly CoordinatorCache _coordinators;

    public DescribeTransactionsOperation(CoordinatorCache coordinators) => _coordinators = coordinators;

    public override Api Api => Apis.DescribeTransactions;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, key);

    public override DescribeTransactionsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new() { TransactionalIds = [.. keys] };

    public override void Read(IReadOnlyList<string> keys, DescribeTransactionsResponse response, AnswerSheet<string, TransactionDescription> answers) =>
        response.TransactionStates.ForEach(transaction => answers.Note(transaction.TransactionalId, transaction.ErrorCode, null, Read(transaction)));

    public override string Describe(string key) => $"Describing transactional id '{key}'";

    private TransactionDescription Read(DescribeTransactionsResponse.TransactionStateStruct transaction) => new(
        transaction.TransactionalId,
        Words.Read<TransactionState>(transaction.TransactionState),
        transaction.ProducerId,
        transaction.ProducerEpoch,
        TimeSpan.FromMilliseconds(transaction.TransactionTimeoutMs),
        transaction.TransactionStartTimeMs >= 0 ? DateTimeOffset.FromUnixTimeMilliseconds(transaction.TransactionStartTimeMs) : null,
        [.. transaction.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicPartition(topic.Topic, partition))],
        _coordinators.BrokerOf(CoordinatorKeyType.Transaction, transaction.TransactionalId));
}
