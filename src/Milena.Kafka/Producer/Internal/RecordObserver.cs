namespace Milena.Kafka.Producer.Internal;

/// <summary>Someone who wants to hear of the end of one record: its span, its interceptors. Told on a thread of the pool, or on the caller's if the record was refused.</summary>
internal abstract class RecordObserver
{
    public abstract void OnStored(in DeliveryResult result);

    public abstract void OnFailed(Exception failure);
}
