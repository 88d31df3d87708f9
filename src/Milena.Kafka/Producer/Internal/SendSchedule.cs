using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Producer.Internal;

/// <summary>
/// In which order a sender looks at its queues, and when: those with a closed batch in turn, those with an open one when it has lingered, those that pause
/// when the pause is over. Owned by the sender's loop; knows no batch and no clock.
/// </summary>
/// <remarks>
/// A queue has one place at a time. An entry of an earlier place stays where it is until its turn comes and is dropped then: taking it out would take a
/// search. What comes out is a queue that is worth a look; whether its batch may go is for the loop to see.
/// </remarks>
internal sealed class SendSchedule
{
    private readonly Queue<Entry> _ready = new();
    private readonly PriorityQueue<Entry, TimeSpan> _lingering = new();
    private readonly PriorityQueue<Entry, TimeSpan> _paused = new();
    private readonly List<Entry> _held = [];

    /// <summary>Puts a queue at the end of those that are looked at in turn; one that is there keeps its turn.</summary>
    public void Ready(PartitionQueue queue)
    {
        if (!queue.IsInTurn)
        {
            _ready.Enqueue(Place(queue));
            queue.IsInTurn = true;
        }
    }

    /// <summary>Puts a queue among those whose open batch lingers.</summary>
    public void Linger(PartitionQueue queue, TimeSpan openedAt) => _lingering.Enqueue(Place(queue), openedAt);

    /// <summary>Puts a queue among those that pause.</summary>
    public void Pause(PartitionQueue queue, TimeSpan until) => _paused.Enqueue(Place(queue), until);

    /// <summary>Puts a queue among those that wait for something that is not of this queue; see <see cref="ReleaseHeld"/>.</summary>
    public void Hold(PartitionQueue queue) => _held.Add(Place(queue));

    /// <summary>Gives a queue no place.</summary>
    public static void Remove(PartitionQueue queue)
    {
        queue.Turn++;
        queue.IsInTurn = false;
    }

    /// <summary>Makes those ready that were held.</summary>
    public void ReleaseHeld()
    {
        foreach (Entry entry in _held)
        {
            MakeReady(entry);
        }

        _held.Clear();
    }

    /// <summary>Makes those ready whose time has come.</summary>
    /// <param name="now">The time.</param>
    /// <param name="linger">How long an open batch lingers at the moment.</param>
    public void Promote(TimeSpan now, TimeSpan linger)
    {
        while (_paused.TryPeek(out Entry entry, out TimeSpan until) && (!entry.IsCurrent || until <= now))
        {
            MakeReady(_paused.Dequeue());
        }

        while (_lingering.TryPeek(out Entry entry, out TimeSpan openedAt) && (!entry.IsCurrent || linger <= now - openedAt))
        {
            MakeReady(_lingering.Dequeue());
        }
    }

    /// <summary>Shows the queue whose turn it is; it keeps its turn.</summary>
    public bool TryPeek([NotNullWhen(true)] out PartitionQueue? queue)
    {
        while (_ready.TryPeek(out Entry entry))
        {
            if (entry.IsCurrent)
            {
                queue = entry.Queue;
                return true;
            }

            _ready.Dequeue();
        }

        queue = null;
        return false;
    }

    /// <summary>Takes the queue that <see cref="TryPeek"/> has shown out of its turn. It has no place then.</summary>
    public void Take() => Remove(_ready.Dequeue().Queue);

    /// <summary>When there is something to look at; the greatest time if nothing has its time.</summary>
    public TimeSpan NextAt(TimeSpan linger)
    {
        if (TryPeek(out _))
        {
            return TimeSpan.Zero;
        }

        TimeSpan next = FirstOf(_paused);
        TimeSpan opened = FirstOf(_lingering);
        return opened < next - linger ? opened + linger : next;
    }

    private static TimeSpan FirstOf(PriorityQueue<Entry, TimeSpan> entries)
    {
        while (entries.TryPeek(out Entry entry, out TimeSpan at))
        {
            if (entry.IsCurrent)
            {
                return at;
            }

            entries.Dequeue();
        }

        return TimeSpan.MaxValue;
    }

    private static Entry Place(PartitionQueue queue)
    {
        queue.IsInTurn = false;
        return new Entry(queue, ++queue.Turn);
    }

    private void MakeReady(Entry entry)
    {
        if (entry.IsCurrent)
        {
            entry.Queue.IsInTurn = true;
            _ready.Enqueue(entry);
        }
    }

    private readonly record struct Entry(PartitionQueue Queue, long Turn)
    {
        public bool IsCurrent => Queue.Turn == Turn;
    }
}
