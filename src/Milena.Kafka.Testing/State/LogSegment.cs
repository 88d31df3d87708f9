using System.Diagnostics;

namespace Milena.Kafka.Testing.State;

/// <summary>A stretch of a log: batches back to back in one array, and where each begins. Guarded by the partition that owns the log.</summary>
/// <remarks>Bytes once written never change, so slices may be read without the lock.</remarks>
internal sealed class LogSegment(long baseOffset, int capacity)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly List<BatchEntry> _batches = [];

    public long BaseOffset { get; } = baseOffset;

    public int Used { get; private set; }

    public int Free => _bytes.Length - Used;

    public int Capacity => _bytes.Length;

    public IReadOnlyList<BatchEntry> Batches => _batches;

    public Memory<byte> Reserve(int size) => _bytes.AsMemory(Used, size);

    public void Commit(BatchEntry entry)
    {
        Debug.Assert(entry.Position == Used, "Batches stand back to back.");
        _batches.Add(entry);
        Used += entry.Size;
    }

    public ReadOnlyMemory<byte> Slice(int position, int size) => _bytes.AsMemory(position, size);

    public ReadOnlyMemory<byte> Bytes(BatchEntry entry) => Slice(entry.Position, entry.Size);

    /// <summary>The batch that holds an offset or, if none does, the first one after it; the count of batches if there is none.</summary>
    public int Find(long offset)
    {
        int low = 0;
        int high = _batches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_batches[middle].LastOffset < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The offset after the batch that has a byte just before a position.</summary>
    public long EndOffsetAt(int position)
    {
        int low = 0;
        int high = _batches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _batches[middle].Position < position ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? BaseOffset : _batches[low - 1].LastOffset + 1;
    }

    /// <summary>A copy that ends before a batch; what follows is never written into the bytes that readers may still hold.</summary>
    public LogSegment KeepFirst(int count)
    {
        int size = count < _batches.Count ? _batches[count].Position : Used;
        var kept = new LogSegment(BaseOffset, size);
        _bytes.AsSpan(0, size).CopyTo(kept._bytes);
        kept._batches.AddRange(_batches.GetRange(0, count));
        kept.Used = size;
        return kept;
    }
}
