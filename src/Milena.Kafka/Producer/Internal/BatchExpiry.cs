namespace Milena.Kafka.Producer.Internal;

/// <summary>Finds the batches of a queue whose time is over.</summary>
internal static class BatchExpiry
{
    /// <summary>Gives out what is too old, and takes those of it out of the queue that are not on their way.</summary>
    /// <param name="queue">The queue; its gate is taken.</param>
    /// <param name="latest">Batches that were opened at this time or before are too old.</param>
    /// <param name="expired">Where they go.</param>
    /// <returns>When the oldest of the others was opened; the greatest time if there is none.</returns>
    public static TimeSpan Take(PartitionQueue queue, TimeSpan latest, List<ProducerBatch> expired)
    {
        using (queue.Gate.Enter())
        {
            TimeSpan oldest = TimeSpan.MaxValue;
            foreach (ProducerBatch batch in queue.InFlight)
            {
                if (batch.IsEnded)
                {
                    continue;
                }

                if (batch.CreatedAt <= latest)
                {
                    // Its request may still reach the log. The batch stays in its place until that request is over, so that none overtakes it.
                    batch.MayBeStored = true;
                    expired.Add(batch);
                }
                else if (batch.CreatedAt < oldest)
                {
                    oldest = batch.CreatedAt;
                }
            }

            queue.RemoveOlderThan(latest, expired);
            return queue.Oldest is { } waiting && waiting.CreatedAt < oldest ? waiting.CreatedAt : oldest;
        }
    }
}
