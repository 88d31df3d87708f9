using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The queues that one sender looks after, and the news of them. All but <see cref="Announce"/> is for the sender's loop.</summary>
/// <remarks>
/// A queue with batches is listed: one sender owns it, or it is on its way to the next one. Whoever opens or closes a batch announces the queue to its
/// sender, once until the sender has looked. News that reaches a sender which is not the owner needs no answer: the next owner looks when it takes over.
/// </remarks>
internal sealed class SenderQueues
{
    private readonly ConcurrentQueue<PartitionQueue> _incoming = new();
    private readonly List<PartitionQueue> _all = [];
    private readonly SendSchedule _schedule = new();
    private readonly BrokerSender _sender;

    public SenderQueues(BrokerSender sender) => _sender = sender;

    public int Count => _all.Count;

    /// <summary>Those with something to do, in order.</summary>
    public SendSchedule Schedule => _schedule;

    public PartitionQueue this[int index] => _all[index];

    /// <summary>Any thread: there is something to look at.</summary>
    public void Announce(PartitionQueue queue) => _incoming.Enqueue(queue);

    /// <summary>Looks at the queues of which there is news.</summary>
    /// <param name="identity">The producer's identity, if it has one.</param>
    /// <param name="clock">The time, which is read when there is news.</param>
    /// <param name="arrived">A queue that is new here. It is not owned yet.</param>
    /// <returns>False once there is no more news.</returns>
    public bool TryTakeArrived(ProducerIdentity identity, ProducerClock clock, [NotNullWhen(true)] out PartitionQueue? arrived)
    {
        while (_incoming.TryDequeue(out PartitionQueue? queue))
        {
            using (queue.Gate.Enter())
            {
                if (ReferenceEquals(queue.NextOwner, _sender))
                {
                    queue.NextOwner = null;
                    arrived = queue;
                    return true;
                }

                if (ReferenceEquals(queue.Owner, _sender))
                {
                    queue.IsAnnounced = false;
                    Place(queue, identity, clock.Now);
                }
            }
        }

        arrived = null;
        return false;
    }

    /// <summary>Takes over a queue that has arrived.</summary>
    /// <returns>When its oldest batch was opened.</returns>
    public TimeSpan Own(PartitionQueue queue, ProducerIdentity identity, TimeSpan now)
    {
        using (queue.Gate.Enter())
        {
            queue.Owner = _sender;
            queue.IsAnnounced = false;
            queue.Index = _all.Count;
            _all.Add(queue);
            TimeSpan oldest = queue.OldestCreatedAt;
            Place(queue, identity, now);
            return oldest;
        }
    }

    /// <summary>Gives a queue up so that another sender can take it, unless some of its batches are on their way.</summary>
    public bool TryDisown(PartitionQueue queue)
    {
        using (queue.Gate.Enter())
        {
            if (queue.InFlight.Count > 0)
            {
                return false;
            }

            Remove(queue);
            return true;
        }
    }

    /// <summary>Finds the place for a queue of which something has changed.</summary>
    public void PlaceAgain(PartitionQueue queue, ProducerIdentity identity, TimeSpan now)
    {
        using (queue.Gate.Enter())
        {
            if (ReferenceEquals(queue.Owner, _sender))
            {
                Place(queue, identity, now);
            }
        }
    }

    /// <summary>Under the gate: finds the place for a queue. One that is empty is forgotten until it is listed again.</summary>
    public void Place(PartitionQueue queue, ProducerIdentity identity, TimeSpan now)
    {
        if (queue.Oldest is not { } oldest)
        {
            SendSchedule.Remove(queue);
            if (queue.IsEmpty)
            {
                Remove(queue);
                queue.IsListed = false;
            }
        }
        else if (queue.ReadyAt(TimeSpan.Zero, identity) == TimeSpan.MaxValue)
        {
            if (queue.InFlight.Count > 0)
            {
                // Nothing of it may go before something of it comes back.
                SendSchedule.Remove(queue);
            }
            else
            {
                _schedule.Hold(queue);
            }
        }
        else if (queue.RetryAt > now)
        {
            _schedule.Pause(queue, queue.RetryAt);
        }
        else if (ReferenceEquals(oldest, queue.Open) && !queue.IsInTurn)
        {
            _schedule.Linger(queue, oldest.CreatedAt);
        }
        else
        {
            _schedule.Ready(queue);
        }
    }

    private void Remove(PartitionQueue queue)
    {
        SendSchedule.Remove(queue);
        PartitionQueue last = _all[^1];
        _all[queue.Index] = last;
        last.Index = queue.Index;
        _all.RemoveAt(_all.Count - 1);
        queue.Owner = null;
        queue.IsAnnounced = false;
    }
}
