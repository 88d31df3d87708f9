using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Enrols the positions of a group in a transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(TransactionCoordinator transactions)
    : RequestHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(Apis.AddOffsetsToTxn)
{
    private const short FirstVersionWithFenced = 2;

    protected override AddOffsetsToTxnResponse Handle(AddOffsetsToTxnRequest request, RequestContext context)
    {
        ErrorCode error = transactions.Check(request.TransactionalId, context);
        if (error == ErrorCode.None)
        {
            error = context.GroupRefusal(request.GroupId)
                ?? transactions.Find(request.TransactionalId)?.AddGroup(new ProducerIdentity(request.ProducerId, request.ProducerEpoch), request.GroupId)
                ?? ErrorCode.InvalidProducerIdMapping;
        }

        return Fail(request, TransactionErrors.ToOwner(error, context.Version, FirstVersionWithFenced), context);
    }

    protected override AddOffsetsToTxnResponse Fail(AddOffsetsToTxnRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
