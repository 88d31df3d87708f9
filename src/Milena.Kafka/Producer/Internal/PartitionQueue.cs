namespace Milena.Kafka.Producer.Internal;

/// <summary>Batches of one partition, oldest first: one on its way, closed ones that wait, and the open one at the end. Decides which is next and when.</summary>
/// <remarks>
/// All but <see cref="Sender"/> is guarded by <see cref="Gate"/>. There is no more than one batch on its way, so that a batch that is sent again
/// is never overtaken by a later one.
/// </remarks>
internal sealed class PartitionQueue
{
    private readonly LinkedList<ProducerBatch> _waiting = new();
    private volatile BrokerSender? _sender;

    public PartitionQueue(TopicPartition partition) => Partition = partition;

    public Lock Gate { get; } = new();

    public TopicPartition Partition { get; }

    /// <summary>The batch that takes records; null if there is none.</summary>
    public ProducerBatch? Open { get; private set; }

    /// <summary>The batch on its way; null if there is none.</summary>
    public ProducerBatch? InFlight { get; private set; }

    /// <summary>Before this time nothing is sent.</summary>
    public TimeSpan RetryAt { get; private set; }

    /// <summary>Whether a sender has the queue among those it looks at.</summary>
    public bool IsListed { get; set; }

    /// <summary>Why no more records are taken; null while they are.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>The sender of the partition's leader, as last known.</summary>
    public BrokerSender? Sender { get => _sender; set => _sender = value; }

    public bool IsEmpty => Open is null && InFlight is null && _waiting.Count == 0;

    /// <summary>The oldest batch that is not on its way.</summary>
    public ProducerBatch? Oldest => _waiting.First?.Value ?? Open;

    /// <summary>Makes a batch the open one; the one before is closed to further records.</summary>
    public void Add(ProducerBatch batch)
    {
        EndOpen();
        Open = batch;
    }

    /// <summary>Lets the open batch take no more records.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EndOpen()
    {
        if (Open is not { } open)
        {
            return false;
        }

        _waiting.AddLast(open);
        Open = null;
        return true;
    }

    /// <summary>Whether the next batch may go now.</summary>
    /// <param name="now">The time on the producer's clock.</param>
    /// <param name="lingersUntilFull">How long the open batch waits for more records; zero sends it at once.</param>
    public bool IsReady(TimeSpan now, TimeSpan lingersUntilFull) => ReadyAt(lingersUntilFull) <= now;

    /// <summary>When the next batch may go; the greatest time if there is none, or one is on its way.</summary>
    public TimeSpan ReadyAt(TimeSpan linger)
    {
        if (InFlight is not null || Oldest is not { } oldest)
        {
            return TimeSpan.MaxValue;
        }

        TimeSpan due = ReferenceEquals(oldest, Open) ? oldest.CreatedAt + linger : TimeSpan.Zero;
        return due > RetryAt ? due : RetryAt;
    }

    /// <summary>Takes the oldest batch and sets it on its way.</summary>
    public ProducerBatch BeginFlight()
    {
        ProducerBatch batch = Oldest ?? throw new InvalidOperationException($"There is no batch of {Partition} to send.");
        if (InFlight is not null)
        {
            throw new InvalidOperationException($"A second batch of {Partition} was about to overtake the first.");
        }

        RemoveOldest();
        InFlight = batch;
        return batch;
    }

    /// <summary>The batch on its way is back, one way or the other.</summary>
    public void EndFlight()
    {
        InFlight = null;
        RetryAt = TimeSpan.Zero;
    }

    /// <summary>The batch on its way is back and goes again, before all others.</summary>
    public void Retry(ProducerBatch batch, TimeSpan retryAt)
    {
        InFlight = null;
        RetryAt = retryAt;
        _waiting.AddFirst(batch);
    }

    /// <summary>The batch on its way is back and goes again as two, before all others.</summary>
    public void Retry(ProducerBatch first, ProducerBatch second)
    {
        InFlight = null;
        _waiting.AddFirst(second);
        _waiting.AddFirst(first);
    }

    /// <summary>Takes out what was accepted too long ago and is not on its way.</summary>
    public void RemoveOlderThan(TimeSpan createdAt, List<ProducerBatch> removed)
    {
        while (Oldest is { } oldest && oldest.CreatedAt <= createdAt)
        {
            RemoveOldest();
            removed.Add(oldest);
        }
    }

    /// <summary>Takes no more records and gives out all that is left, also what is on its way.</summary>
    public void Close(Exception refusal, List<ProducerBatch> removed)
    {
        Refusal ??= refusal;
        if (InFlight is { } inFlight)
        {
            inFlight.MayBeStored = true;
            removed.Add(inFlight);
            InFlight = null;
        }

        RemoveOlderThan(TimeSpan.MaxValue, removed);
    }

    private void RemoveOldest()
    {
        if (_waiting.Count > 0)
        {
            _waiting.RemoveFirst();
        }
        else
        {
            Open = null;
        }
    }
}
