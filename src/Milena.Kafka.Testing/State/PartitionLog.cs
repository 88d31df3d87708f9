using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>The batches of one partition as stored bytes, oldest first. Owned and guarded by its <see cref="PartitionState"/>.</summary>
internal sealed class PartitionLog
{
    private const int FirstSegmentSize = 16 * 1024;
    private const int LargestSegmentSize = 8 * 1024 * 1024;

    private readonly List<LogSegment> _segments = [];
    private long _size;

    /// <summary>The first offset that may be read.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset that the next record gets.</summary>
    public long EndOffset { get; private set; }

    public IReadOnlyList<LogSegment> Segments => _segments;

    /// <summary>Copies a checked batch of magic 2 to the end and stamps it.</summary>
    /// <returns>The base offset.</returns>
    public long Append(in RecordBatch batch, int leaderEpoch, long? logAppendTime)
    {
        int size = batch.Bytes.Length;
        LogSegment segment = SegmentFor(size);
        Span<byte> stored = segment.Reserve(size).Span;
        batch.Bytes.Span.CopyTo(stored);
        long baseOffset = EndOffset;
        RecordBatchStamp.SetOffset(stored, baseOffset, leaderEpoch);
        if (logAppendTime is { } time)
        {
            RecordBatchStamp.SetLogAppendTime(stored, time);
        }

        int lastOffsetDelta = (int)(batch.LastOffset - batch.BaseOffset);
        segment.Commit(new BatchEntry(baseOffset, lastOffsetDelta, segment.Used, size, logAppendTime ?? batch.MaxTimestamp));
        EndOffset = baseOffset + lastOffsetDelta + 1;
        _size += size;
        return baseOffset;
    }

    /// <summary>Reads whole batches and, as a broker does, the first part of the one that no longer fits.</summary>
    /// <param name="offset">The first batch is the one that holds it.</param>
    /// <param name="before">No batch from this offset on is read; one begins there, or the log ends.</param>
    /// <param name="limit">The most bytes.</param>
    /// <param name="firstBatchWhole">Whether the first batch is given even if it is larger than the limit.</param>
    public LogRead Read(long offset, long before, int limit, bool firstBatchWhole)
    {
        int at = FindSegment(offset);
        if (at == _segments.Count || offset >= before)
        {
            return new LogRead(default, 0, offset);
        }

        LogSegment segment = _segments[at];
        BatchEntry first = segment.Batches[segment.Find(offset)];
        if (first.BaseOffset >= before)
        {
            return new LogRead(default, 0, offset);
        }

        int end = segment.Find(before) is var beyond && beyond < segment.Batches.Count ? segment.Batches[beyond].Position : segment.Used;
        int size = Math.Min(firstBatchWhole ? Math.Max(limit, first.Size) : limit, end - first.Position);
        return new LogRead(segment.Slice(first.Position, size), first.Size, segment.EndOffsetAt(first.Position + size));
    }

    /// <summary>The batches from an offset on.</summary>
    public IEnumerable<(LogSegment Segment, BatchEntry Batch)> BatchesFrom(long offset)
    {
        for (int i = FindSegment(offset); i < _segments.Count; i++)
        {
            LogSegment segment = _segments[i];
            for (int j = segment.Find(offset); j < segment.Batches.Count; j++)
            {
                yield return (segment, segment.Batches[j]);
            }
        }
    }

    /// <summary>Moves the start of the log forward, as DeleteRecords does.</summary>
    public void DeleteBefore(long offset)
    {
        StartOffset = Math.Max(StartOffset, offset);
        _segments.RemoveAll(segment => segment.Batches.Count == 0 || segment.Batches[^1].LastOffset < StartOffset);
        _size = _segments.Sum(segment => (long)segment.Used);
    }

    /// <summary>Deletes the oldest segments as long as what is left is not less than a size. The last segment stays.</summary>
    public void Retain(long bytes)
    {
        int deleted = 0;
        while (deleted < _segments.Count - 1 && _size - _segments[deleted].Used >= bytes)
        {
            _size -= _segments[deleted].Used;
            StartOffset = _segments[++deleted].BaseOffset;
        }

        _segments.RemoveRange(0, deleted);
    }

    /// <summary>Drops the batches that reach beyond an offset, as a leader does that never had them.</summary>
    public void TruncateTo(long offset)
    {
        if (offset >= EndOffset)
        {
            return;
        }

        int at = FindSegment(offset);
        if (at < _segments.Count)
        {
            LogSegment cut = _segments[at];
            _segments.RemoveRange(at, _segments.Count - at);
            int keep = cut.Find(offset);
            if (keep > 0)
            {
                _segments.Add(cut.KeepFirst(keep));
            }
        }

        _size = _segments.Sum(segment => (long)segment.Used);
        EndOffset = _segments.Count > 0 ? _segments[^1].Batches[^1].LastOffset + 1 : Math.Max(StartOffset, Math.Min(offset, EndOffset));
        StartOffset = Math.Min(StartOffset, EndOffset);
    }

    private int FindSegment(long offset)
    {
        int low = 0;
        int high = _segments.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_segments[middle].Batches[^1].LastOffset < offset)
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

    private LogSegment SegmentFor(int size)
    {
        if (_segments.Count > 0 && _segments[^1].Free >= size)
        {
            return _segments[^1];
        }

        int next = _segments.Count == 0 ? FirstSegmentSize : Math.Min(Math.Max(_segments[^1].Capacity, FirstSegmentSize) * 2, LargestSegmentSize);
        var segment = new LogSegment(EndOffset, Math.Max(next, size));
        _segments.Add(segment);
        return segment;
    }
}
