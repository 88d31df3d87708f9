using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Forgets a broker, until it is started again.</summary>
internal sealed class UnregisterBrokerHandler(GroupCoordinator groups, TransactionCoordinator transactions)
    : RequestHandler<UnregisterBrokerRequest, UnregisterBrokerResponse>(Apis.UnregisterBroker)
{
    protected override UnregisterBrokerResponse Handle(UnregisterBrokerRequest request, RequestContext context)
    {
        if (context.Cluster.Unregister(request.BrokerId) is { } refusal)
        {
            return new UnregisterBrokerResponse { ErrorCode = refusal.Code, ErrorMessage = refusal.Message };
        }

        groups.FollowCoordinators();
        transactions.FollowCoordinators();
        return new UnregisterBrokerResponse { ErrorMessage = null };
    }

    protected override UnregisterBrokerResponse Fail(UnregisterBrokerRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
