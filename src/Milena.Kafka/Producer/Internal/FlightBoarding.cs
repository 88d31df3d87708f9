namespace Milena.Kafka.Producer.Internal;

/// <summary>Puts the next request to a broker together: which batches may go, and how many go at once. Runs in the sender's loop.</summary>
internal sealed class FlightBoarding
{
    private readonly ProducerContext _context;
    private readonly SenderQueues _queues;

    public FlightBoarding(ProducerContext context, SenderQueues queues)
    {
        _context = context;
        _queues = queues;
    }

    /// <summary>Whether there is a batch that may go.</summary>
    /// <param name="identity">The producer's identity, if it has one.</param>
    /// <param name="linger">How long an open batch has time to fill.</param>
    public bool HasReady(ProducerIdentity identity, TimeSpan linger)
    {
        TimeSpan now = _context.Clock.Now;
        _queues.Schedule.Promote(now, linger);
        while (_queues.Schedule.TryPeek(out PartitionQueue? queue))
        {
            using (queue.Gate.Enter())
            {
                if (IsReady(queue, identity, now, linger))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Takes one batch of each ready queue, as many as a request may carry. The next request begins with the queues that had no turn.</summary>
    /// <param name="identity">The producer's identity, if it has one.</param>
    /// <param name="linger">How long an open batch has time to fill.</param>
    /// <returns>Null if no queue is ready.</returns>
    public ProduceFlight? Collect(ProducerIdentity identity, TimeSpan linger)
    {
        ProduceFlight? flight = null;
        TimeSpan now = _context.Clock.Now;
        _queues.Schedule.Promote(now, linger);
        while (_queues.Schedule.TryPeek(out PartitionQueue? queue))
        {
            ProducerBatch batch;
            using (queue.Gate.Enter())
            {
                if (!IsReady(queue, identity, now, linger))
                {
                    continue;
                }

                if (flight is not null && flight.Size + queue.Oldest!.Size > _context.Options.MaxRequestSize)
                {
                    break;
                }

                _queues.Schedule.Take();
                batch = queue.BeginFlight(identity);

                // From here on it is written to and read: a producer that fails as a whole may end it at any moment, but not take its buffer away.
                batch.Borrow();
            }

            flight ??= new ProduceFlight();
            try
            {
                batch.Close(_context.Compression, _context.BatchFlags);
            }
            catch
            {
                // A codec's fault ends the loop, and with it the producer. This request will not set out.
                batch.GiveBack();
                flight.GiveBackBuffers();
                throw;
            }

            flight.Add(queue, batch);
        }

        if (flight is not null)
        {
            // Not before the request is complete: it carries one batch of a partition.
            foreach ((PartitionQueue queue, _) in flight.Parts)
            {
                _queues.PlaceAgain(queue, identity, now);
            }
        }

        return flight;
    }

    /// <summary>Under the gate: whether the queue whose turn it is has a batch that may go. If not, it gets another place.</summary>
    private bool IsReady(PartitionQueue queue, ProducerIdentity identity, TimeSpan now, TimeSpan linger)
    {
        if (queue.IsReady(now, linger, identity))
        {
            return true;
        }

        _queues.Schedule.Take();
        _queues.Place(queue, identity, now);
        return false;
    }
}
