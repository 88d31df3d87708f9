using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Access;

/// <summary>Sets and removes quotas.</summary>
internal sealed class AlterClientQuotasOperation : Operation<ClientQuotaEntity, AlterClientQuotasRequest, AlterClientQuotasResponse, bool>
{
    private readonly Dictionary<ClientQuotaEntity, ClientQuotaAlteration> _alterations;
    private readonly bool _validateOnly;

    public AlterClientQuotasOperation(IEnumerable<ClientQuotaAlteration> alterations, bool validateOnly)
    {
        _alterations = alterations.ToDictionary(alteration => alteration.Entity);
        _validateOnly = validateOnly;
    }

    public IReadOnlyCollection<ClientQuotaEntity> Entities => _alterations.Keys;

    public override Api Api => Apis.AlterClientQuotas;

    public override Route RouteOf(ClientQuotaEntity key) => Route.Controller;

    public override AlterClientQuotasRequest CreateRequest(IReadOnlyList<ClientQuotaEntity> keys, short version) => new()
    {
        ValidateOnly = _validateOnly,
        Entries = [.. keys.Select(key => new AlterClientQuotasRequest.EntryData
        {
            Entity = [.. key.Parts.Select(part => new AlterClientQuotasRequest.EntityData { EntityType = part.Key, EntityName = part.Value })],
            Ops = [.. _alterations[key].Values.Select(value => new AlterClientQuotasRequest.OpData { Key = value.Key, Value = value.Value ?? 0, Remove = value.Value is null })],
        })],
    };

    public override void Read(IReadOnlyList<ClientQuotaEntity> keys, AlterClientQuotasResponse response, AnswerSheet<ClientQuotaEntity, bool> answers)
    {
        foreach (AlterClientQuotasResponse.EntryData entry in response.Entries.Where(entry => entry.Entity.Count > 0))
        {
            var entity = new ClientQuotaEntity(entry.Entity.Select(part => KeyValuePair.Create(part.EntityType, part.EntityName)));
            answers.Note(entity, entry.ErrorCode, entry.ErrorMessage, true);
        }
    }

    public override string Describe(ClientQuotaEntity key) => $"Altering the quotas of {key}";
}
