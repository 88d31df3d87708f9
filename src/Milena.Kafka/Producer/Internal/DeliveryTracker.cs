namespace Milena.Kafka.Producer.Internal;

/// <summary>All deliveries that have not ended, for those who flush. Any thread.</summary>
internal sealed class DeliveryTracker
{
    private readonly Lock _gate = new();
    private readonly HashSet<BatchDelivery> _open = [];

    public void Add(BatchDelivery delivery)
    {
        lock (_gate)
        {
            _open.Add(delivery);
        }
    }

    /// <summary>The delivery has ended, and so has what was to be done about it.</summary>
    public void Remove(BatchDelivery delivery)
    {
        lock (_gate)
        {
            _open.Remove(delivery);
        }

        delivery.Settle();
    }

    /// <summary>Ends when all deliveries have ended that are open now.</summary>
    public Task WhenEnded()
    {
        lock (_gate)
        {
            return Task.WhenAll(_open.Select(d => d.Settled).ToArray());
        }
    }
}
