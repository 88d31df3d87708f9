using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Hands out producer ids, and lets producers in under a transactional id.</summary>
internal sealed class InitProducerIdHandler(TransactionCoordinator transactions) : RequestHandler<InitProducerIdRequest, InitProducerIdResponse>(Apis.InitProducerId)
{
    private const short FirstVersionWithFenced = 4;

    protected override InitProducerIdResponse Handle(InitProducerIdRequest request, RequestContext context)
    {
        if ((request.ProducerId == -1) != (request.ProducerEpoch == -1))
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        if (request.TransactionalId is null)
        {
            if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.IdempotentWrite) && !context.AllowsAny(ResourceType.Topic, AclOperation.Write))
            {
                return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
            }

            // KIP-360: without a transactional id the old id and epoch do not matter; the client counts its epoch up by itself.
            return new InitProducerIdResponse { ProducerId = context.Cluster.NextProducerId(), ProducerEpoch = 0 };
        }

        ErrorCode error = Check(request, context);
        if (error != ErrorCode.None)
        {
            return Fail(request, error, context);
        }

        (error, ProducerIdentity producer) = transactions.FindOrCreate(request.TransactionalId).Initialize(
            TimeSpan.FromMilliseconds(request.TransactionTimeoutMs),
            request.ProducerId == -1 ? null : new ProducerIdentity(request.ProducerId, request.ProducerEpoch));
        return error != ErrorCode.None
            ? Fail(request, TransactionErrors.ToOwner(error, context.Version, FirstVersionWithFenced), context)
            : new InitProducerIdResponse { ProducerId = producer.Id, ProducerEpoch = producer.Epoch };
    }

    protected override InitProducerIdResponse Fail(InitProducerIdRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ProducerEpoch = -1,
    };

    private ErrorCode Check(InitProducerIdRequest request, RequestContext context)
    {
        ErrorCode error = transactions.Check(request.TransactionalId, context);
        if (error != ErrorCode.None)
        {
            return error;
        }

        // KIP-939: the cluster is one of those where transaction.two.phase.commit.enable is false.
        if (request.Enable2Pc)
        {
            return ErrorCode.TransactionalIdAuthorizationFailed;
        }

        if (request.KeepPreparedTxn)
        {
            return ErrorCode.UnsupportedVersion;
        }

        return request.TransactionTimeoutMs > 0 && request.TransactionTimeoutMs <= context.Cluster.Options.TransactionMaxTimeout.TotalMilliseconds
            ? ErrorCode.None
            : ErrorCode.InvalidTransactionTimeout;
    }
}
