namespace Milena.Kafka.Producer.Internal;

/// <summary>Who an idempotent producer is to the brokers (KIP-98): an id, and an epoch that fences all that was sent under the ones before.</summary>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    /// <summary>No identity: not idempotent, or none was given yet.</summary>
    public static ProducerIdentity None { get; } = new(-1, -1);

    public bool IsNone => Id < 0;

    /// <summary>The same producer with the next epoch; none if epochs have run out, and a new id is needed.</summary>
    /// <remarks>KIP-360: without a transactional id the client counts by itself; brokers answer InitProducerId with a new id whatever they are told.</remarks>
    public ProducerIdentity Next() => IsNone || Epoch == short.MaxValue ? None : new ProducerIdentity(Id, (short)(Epoch + 1));
}
