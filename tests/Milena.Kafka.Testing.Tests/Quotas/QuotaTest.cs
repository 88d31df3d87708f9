using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>A cluster with a clock moved by hand, and quotas that are set over the wire.</summary>
internal abstract class QuotaTest : ClusterTest
{
    private protected ManualTime Time { get; } = new();

    protected override TestClusterOptions Options => new() { TimeProvider = Time };

    /// <summary>Sets a quota, or removes it.</summary>
    /// <param name="key">The quota.</param>
    /// <param name="value">Its value; null removes it.</param>
    /// <param name="entity">Whom it is for; a name of null stands for all.</param>
    protected Task SetAsync(string key, double? value, (string Type, string? Name) entity) => SetAsync(Client, key, value, entity);

    private protected static async Task SetAsync(RawClient admin, string key, double? value, (string Type, string? Name) entity)
    {
        AlterClientQuotasResponse answer = await admin.SendAsync(
            new AlterClientQuotasRequest
            {
                Entries =
                [
                    new()
                    {
                        Entity = [new() { EntityType = entity.Type, EntityName = entity.Name }],
                        Ops = [new() { Key = key, Value = value ?? 0, Remove = value is null }],
                    },
                ],
            },
            1,
            Bound);
        Assert.That(answer.Entries[0].ErrorCode, Is.EqualTo(ErrorCode.None), answer.Entries[0].ErrorMessage);
    }
}
