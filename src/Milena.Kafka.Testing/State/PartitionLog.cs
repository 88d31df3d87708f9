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

    /// <summary>The bytes of all batches.</summary>
    public long Size => _size;

    /// <summary>Up to where the log was compacted.</summary>
    public long CleanedUntil { get; private set; }

    /// <summary>Where the newest segment begins, into which records are written.</summary>
    public long ActiveSegmentStart => _segments.Count > 0 ? _segments[^1].BaseOffset : EndOffset;

    /// <summary>Begins a new segment if a batch would make the newest one too large, or is too much younger than its first batch.</summary>
    public void Roll(in RecordBatch batch, long? logAppendTime, int segmentBytes, long segmentMs)
    {
        if (_segments.Count == 0 || _segments[^1].Batches.Count == 0)
        {
            return;
        }

        LogSegment active = _segments[^1];
        bool isFull = (long)active.Used + batch.Bytes.Length > segmentBytes;
        if (isFull || (logAppendTime ?? batch.MaxTimestamp) - active.Batches[0].MaxTimestamp > segmentMs)
        {
            _segments.Add(new LogSegment(EndOffset, Math.Max(FirstSegmentSize, batch.Bytes.Length)));
        }
    }

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

    /// <summary>Deletes the oldest segments whose newest record is older than a time, the last one too.</summary>
    public void DeleteOlderThan(long timestamp)
    {
        int deleted = 0;
        while (deleted < _segments.Count && _segments[deleted].Batches.All(batch => batch.MaxTimestamp < timestamp))
        {
            _size -= _segments[deleted].Used;
            StartOffset = ++deleted < _segments.Count ? _segments[deleted].BaseOffset : EndOffset;
        }

        _segments.RemoveRange(0, deleted);
    }

    /// <summary>Puts other batches in the place of all, with the offsets that they have. The bytes that readers may still hold stay as they are.</summary>
    /// <param name="batches">The batches, oldest first.</param>
    /// <param name="cleanedUntil">Up to where they are compacted.</param>
    public void Replace(IReadOnlyList<ReadOnlyMemory<byte>> batches, long cleanedUntil)
    {
        long left = batches.Sum(batch => (long)batch.Length);
        _segments.Clear();
        _size = left;
        foreach (ReadOnlyMemory<byte> bytes in batches)
        {
            RecordBatch batch = new RecordBatches(bytes).First();
            if (_segments.Count == 0 || _segments[^1].Free < bytes.Length || (batch.BaseOffset >= cleanedUntil && _segments[^1].BaseOffset < cleanedUntil))
            {
                _segments.Add(new LogSegment(batch.BaseOffset, (int)Math.Max(bytes.Length, Math.Min(left, LargestSegmentSize))));
            }

            LogSegment segment = _segments[^1];
            bytes.CopyTo(segment.Reserve(bytes.Length));
            segment.Commit(new BatchEntry(batch.BaseOffset, (int)(batch.LastOffset - batch.BaseOffset), segment.Used, bytes.Length, batch.MaxTimestamp));
            left -= bytes.Length;
        }

        CleanedUntil = cleanedUntil;
    }

    /// <summary>Drops the batches that reach beyond an offset, as a leader does that never had them.</summary>
    public void TruncateTo(long offset)
    {
        CleanedUntil = Math.Min(CleanedUntil, offset);
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
