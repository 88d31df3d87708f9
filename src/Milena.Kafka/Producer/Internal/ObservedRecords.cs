namespace Milena.Kafka.Producer.Internal;

/// <summary>The records of a delivery whose end somebody wants to hear of. Added to under the gate of the partition's queue; read after the end.</summary>
internal sealed class ObservedRecords
{
    private readonly List<(int Index, long Timestamp, RecordObserver Observer)> _records = [];

    public void Add(int index, long timestamp, RecordObserver observer) => _records.Add((index, timestamp, observer));

    /// <summary>Tells all, in the order of the records.</summary>
    public void Tell(BatchDelivery delivery)
    {
        foreach ((int index, long timestamp, RecordObserver observer) in _records)
        {
            if (delivery.ReadOutcome(index, timestamp, out DeliveryResult result) is { } fault)
            {
                observer.OnFailed(fault.ToException());
            }
            else
            {
                observer.OnStored(in result);
            }
        }
    }
}
