namespace Milena.Kafka.Testing.State;

/// <summary>What a partition remembers of one producer: its epoch, its last sequence and its last five batches. Guarded by the partition.</summary>
internal sealed class ProducerEntry
{
    private const int BatchesRemembered = 5;

    private readonly Queue<ProducedBatch> _batches = new(BatchesRemembered);

    public short Epoch { get; private set; } = -1;

    public int LastSequence { get; private set; } = -1;

    /// <summary>The time of its newest record or marker, in milliseconds since 1970.</summary>
    public long LastTimestamp { get; private set; } = -1;

    /// <summary>The epoch of the coordinator that ended its last transaction; -1 if none did.</summary>
    public int CoordinatorEpoch { get; private set; } = -1;

    /// <summary>The first record of its open transaction; null if it has none.</summary>
    public long? TransactionStart { get; set; }

    /// <summary>The same batch if it was stored before and is not forgotten yet.</summary>
    public ProducedBatch? FindDuplicate(short epoch, int firstSequence, int lastSequence)
    {
        if (epoch == Epoch)
        {
            foreach (ProducedBatch batch in _batches)
            {
                if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
                {
                    return batch;
                }
            }
        }

        return null;
    }

    /// <summary>Whether a first sequence follows the last one; after 2,147,483,647 comes 0.</summary>
    public bool Continues(int firstSequence) => firstSequence == unchecked(LastSequence + 1) || (firstSequence == 0 && LastSequence == int.MaxValue);

    public void Add(short epoch, ProducedBatch batch, long timestamp)
    {
        Follow(epoch);

        if (_batches.Count == BatchesRemembered)
        {
            _batches.Dequeue();
        }

        _batches.Enqueue(batch);
        LastSequence = batch.LastSequence;
        LastTimestamp = timestamp;
    }

    public void AddMarker(short epoch, int coordinatorEpoch, long timestamp)
    {
        Follow(epoch);
        CoordinatorEpoch = coordinatorEpoch;
        LastTimestamp = timestamp;
    }

    private void Follow(short epoch)
    {
        if (epoch != Epoch)
        {
            _batches.Clear();
            Epoch = epoch;
            LastSequence = -1;
        }
    }
}
