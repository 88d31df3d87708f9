namespace Milena.Kafka.Testing.State;

/// <summary>What a partition remembers of one producer: its epoch, its last sequence and its last five batches. Guarded by the partition.</summary>
internal sealed class ProducerEntry
{
    private const int BatchesRemembered = 5;

    private readonly Queue<ProducedBatch> _batches = new(BatchesRemembered);

    public short Epoch { get; private set; } = -1;

    public int LastSequence { get; private set; } = -1;

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

    public void Add(short epoch, ProducedBatch batch)
    {
        if (epoch != Epoch)
        {
            _batches.Clear();
            Epoch = epoch;
        }

        if (_batches.Count == BatchesRemembered)
        {
            _batches.Dequeue();
        }

        _batches.Enqueue(batch);
        LastSequence = batch.LastSequence;
    }
}
