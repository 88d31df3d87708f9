using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Sets and removes quotas.</summary>
internal sealed class AlterClientQuotasHandler(ClientQuotas quotas) : RequestHandler<AlterClientQuotasRequest, AlterClientQuotasResponse>(Apis.AlterClientQuotas)
{
    protected override AlterClientQuotasResponse Handle(AlterClientQuotasRequest request, RequestContext context)
    {
        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.AlterConfigs))
        {
            return Fail(request, ErrorCode.ClusterAuthorizationFailed, context);
        }

        return Answer(request, entry =>
        {
            string? fault = QuotaEntity.TryRead([.. entry.Entity.Select(part => (part.EntityType, part.EntityName))], out QuotaEntity entity)
                ?? entry.Ops.Select(op => QuotaKeys.FaultOf(entity, op.Key, op.Remove ? null : op.Value)).FirstOrDefault(fault => fault is not null);
            if (fault is not null)
            {
                return (ErrorCode.InvalidRequest, fault);
            }

            if (!request.ValidateOnly)
            {
                quotas.Alter(entity, entry.Ops.Select(op => (op.Key, op.Remove ? (double?)null : op.Value)));
            }

            return (ErrorCode.None, null);
        });
    }

    protected override AlterClientQuotasResponse Fail(AlterClientQuotasRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, _ => (error, error.Meaning()));

    private static AlterClientQuotasResponse Answer(AlterClientQuotasRequest request, Func<AlterClientQuotasRequest.EntryData, (ErrorCode Error, string? Message)> alter) => new()
    {
        Entries = [.. request.Entries.Select(entry =>
        {
            (ErrorCode error, string? message) = alter(entry);
            return new AlterClientQuotasResponse.EntryData
            {
                ErrorCode = error,
                ErrorMessage = message,
                Entity = [.. entry.Entity.Select(part => new AlterClientQuotasResponse.EntityData { EntityType = part.EntityType, EntityName = part.EntityName })],
            };
        })],
    };
}
