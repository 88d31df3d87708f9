namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>One producer in the model.</summary>
internal sealed class ModelProducer(TransactionalProducer client)
{
    public TransactionalProducer Client { get; } = client;

    /// <summary>Its open transaction; null if none is.</summary>
    public ModelScope? Scope { get; set; }

    /// <summary>Whether a transaction of it has timed out since it was let in.</summary>
    public bool IsFenced { get; set; }

    public ModelScope BeginOrGoOn(DateTimeOffset now) => Scope ??= new ModelScope(now);

    public override string ToString() => Client.TransactionalId;
}
