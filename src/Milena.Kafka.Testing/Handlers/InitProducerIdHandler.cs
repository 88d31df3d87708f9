using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Hands out producer ids. Transactional ids are not served.</summary>
internal sealed class InitProducerIdHandler() : RequestHandler<InitProducerIdRequest, InitProducerIdResponse>(Apis.InitProducerId)
{
    protected override InitProducerIdResponse Handle(InitProducerIdRequest request, RequestContext context)
    {
        if (request.TransactionalId is not null || (request.ProducerId == -1) != (request.ProducerEpoch == -1))
        {
            return Fail(request, ErrorCode.InvalidRequest, context);
        }

        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.IdempotentWrite) && !context.AllowsAny(ResourceType.Topic, AclOperation.Write))
        {
            return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
        }

        // KIP-360: without a transactional id the old id and epoch do not matter; the client counts its epoch up by itself.
        return new InitProducerIdResponse { ProducerId = context.Cluster.NextProducerId(), ProducerEpoch = 0 };
    }

    protected override InitProducerIdResponse Fail(InitProducerIdRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ProducerEpoch = -1,
    };
}
