using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Commits and aborts transactions. The answer comes when that is decided, not when all markers are written.</summary>
internal sealed class EndTxnHandler(TransactionCoordinator transactions) : RequestHandler<EndTxnRequest, EndTxnResponse>(Apis.EndTxn)
{
    private const short FirstVersionWithFenced = 2;
    private const short FirstVersionWithNewEpochs = 5;

    protected override EndTxnResponse Handle(EndTxnRequest request, RequestContext context)
    {
        ErrorCode error = transactions.Check(request.TransactionalId, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        bool bumps = context.Version >= FirstVersionWithNewEpochs;
        var producer = new ProducerIdentity(request.ProducerId, request.ProducerEpoch);
        EndResult result = transactions.Find(request.TransactionalId)?.End(producer, request.Committed, bumps)
            ?? EndResult.Failed(ErrorCode.InvalidProducerIdMapping);
        return new EndTxnResponse
        {
            ErrorCode = TransactionErrors.ToOwner(result.Error, context.Version, FirstVersionWithFenced),
            ProducerId = result.Producer.Id,
            ProducerEpoch = result.Producer.Epoch,
        };
    }

    protected override EndTxnResponse Fail(EndTxnRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error };
}
