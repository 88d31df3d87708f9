using System.Text.RegularExpressions;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Lists the transactional ids that this broker looks after.</summary>
internal sealed class ListTransactionsHandler(TransactionCoordinator transactions)
    : RequestHandler<ListTransactionsRequest, ListTransactionsResponse>(Apis.ListTransactions)
{
    // A broker passes through it without being seen there.
    private const string FenceState = "PrepareEpochFence";

    protected override ListTransactionsResponse Handle(ListTransactionsRequest request, RequestContext context)
    {
        if (!TryRead(request.TransactionalIdPattern, out Regex? pattern))
        {
            return Fail(request, ErrorCode.InvalidRegularExpression, context);
        }

        DateTimeOffset now = context.Cluster.Time.GetUtcNow();
        return new ListTransactionsResponse
        {
            UnknownStateFilters = [.. request.StateFilters.Where(state => state != FenceState && !Enum.GetNames<TransactionState>().Contains(state))],
            TransactionStates = [.. transactions.OwnedBy(context.Broker)
                .Select(transaction => transaction.Describe())
                .Where(transaction => context.Allows(ResourceType.TransactionalId, transaction.TransactionalId, AclOperation.Describe))
                .Where(transaction => Matches(transaction, request, now) && pattern?.IsMatch(transaction.TransactionalId) != false)
                .Select(transaction => new ListTransactionsResponse.TransactionStateStruct
                {
                    TransactionalId = transaction.TransactionalId,
                    ProducerId = transaction.ProducerId,
                    TransactionState = transaction.State,
                })],
        };
    }

    protected override ListTransactionsResponse Fail(ListTransactionsRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };

    private static bool Matches(StoredTransaction transaction, ListTransactionsRequest request, DateTimeOffset now) =>
        (request.StateFilters.Count == 0 || request.StateFilters.Contains(transaction.State))
        && (request.ProducerIdFilters.Count == 0 || request.ProducerIdFilters.Contains(transaction.ProducerId))
        && (request.DurationFilter < 0 || now.ToUnixTimeMilliseconds() - (transaction.StartedAt?.ToUnixTimeMilliseconds() ?? -1) > request.DurationFilter);

    private static bool TryRead(string? text, out Regex? pattern)
    {
        pattern = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        try
        {
            // As RE2 in brokers: the whole id, in time that does not depend on the pattern.
            pattern = new Regex($"^(?:{text})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
