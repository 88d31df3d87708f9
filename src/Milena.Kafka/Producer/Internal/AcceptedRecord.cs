namespace Milena.Kafka.Producer.Internal;

/// <summary>The place of an accepted record: its batch's delivery and its token there.</summary>
internal readonly record struct AcceptedRecord(BatchDelivery Delivery, short Token)
{
    public ValueTask<DeliveryResult> Result => new(Delivery, Token);
}
