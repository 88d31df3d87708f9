using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Transactions;

/// <summary>Asks brokers for the transactional ids that each looks after.</summary>
internal sealed class ListTransactionsOperation : Operation<int, ListTransactionsRequest, ListTransactionsResponse, IReadOnlyList<TransactionListing>>
{
    private readonly ListTransactionsOptions _options;

    public ListTransactionsOperation(ListTransactionsOptions options) => _options = options;

    public override Api Api => Apis.ListTransactions;

    public override Route RouteOf(int key) => Route.ToBroker(key);

    public override ListTransactionsRequest CreateRequest(IReadOnlyList<int> keys, short version) => new()
    {
        StateFilters = [.. _options.States.Select(state => state.ToString())],
        ProducerIdFilters = [.. _options.ProducerIds],
        DurationFilter = (long?)_options.RunningLongerThan?.TotalMilliseconds ?? -1,
        TransactionalIdPattern = _options.IdPattern,
    };

    // A filter for a state that a broker does not know finds nothing there, which is right.
    public override void Read(IReadOnlyList<int> keys, ListTransactionsResponse response, AnswerSheet<int, IReadOnlyList<TransactionListing>> answers) => answers.Note(
        keys[0],
        response.ErrorCode,
        null,
        [.. response.TransactionStates.Select(listed =>
            new TransactionListing(listed.TransactionalId, listed.ProducerId, Words.Read<TransactionState>(listed.TransactionState), keys[0]))]);

    public override string Describe(int key) => $"Listing the transactions of broker {key}";
}
