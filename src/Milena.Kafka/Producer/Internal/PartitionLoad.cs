namespace Milena.Kafka.Producer.Internal;

/// <summary>Among which partitions records without a key are spread, and how often each is chosen: the more batches wait, the less often (KIP-794). Not thread-safe.</summary>
internal sealed class PartitionLoad
{
    private readonly List<int> _partitions = [];

    // First the lengths of the queues; then the running sum of the weights, where a number below the last entry belongs to the first entry above it.
    private readonly List<long> _bounds = [];
    private long _longest;
    private bool _isSummed;

    /// <summary>How many partitions can be chosen.</summary>
    public int Count => _partitions.Count;

    /// <summary>Begins anew with no partition.</summary>
    public void Clear()
    {
        _partitions.Clear();
        _bounds.Clear();
        _longest = 0;
        _isSummed = false;
    }

    /// <summary>Adds a partition, before the first is chosen.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="length">How many batches wait in it.</param>
    public void Add(int partition, int length)
    {
        if (_isSummed)
        {
            throw new InvalidOperationException("A partition was added after one was chosen.");
        }

        _partitions.Add(partition);
        _bounds.Add(length);
        _longest = Math.Max(_longest, length);
    }

    /// <summary>Chooses a partition of those that were added, at least one. The weight of each is by how much it is shorter than one batch more than the longest.</summary>
    public int Choose(Random random)
    {
        if (!_isSummed)
        {
            Sum();
        }

        int found = _bounds.BinarySearch(random.NextInt64(_bounds[^1]));
        return _partitions[found >= 0 ? found + 1 : ~found];
    }

    private void Sum()
    {
        long sum = 0;
        for (int i = 0; i < _bounds.Count; i++)
        {
            sum += _longest + 1 - _bounds[i];
            _bounds[i] = sum;
        }

        _isSummed = true;
    }
}
