namespace Milena.Kafka.Producer.Internal;

/// <summary>The place of an accepted record: its batch's delivery and its token there.</summary>
internal readonly record struct AcceptedRecord(BatchDelivery Delivery, short Token)
{
    public ValueTask<DeliveryResult> Result => new(Delivery, Token);

    public bool IsEnded => Delivery.IsEnded;

    /// <summary>Once it has ended: where it is stored, or why it is not.</summary>
    /// <returns>The fault; null if it is stored.</returns>
    public DeliveryFault? ReadOutcome(out DeliveryResult result) => Delivery.ReadOutcome(Token, out result);
}
