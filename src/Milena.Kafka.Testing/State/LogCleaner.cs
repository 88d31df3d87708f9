using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// Decides which records of a compacted log stay: the last of each key, tombstones and markers until their time is over, nothing of aborted transactions.
/// For one pass over one log; it changes nothing itself.
/// </summary>
internal sealed class LogCleaner(CompressionCodecs codecs, IReadOnlyList<AbortedTransaction> aborted, long now, long deleteRetention)
{
    private readonly Dictionary<ReadOnlyMemory<byte>, long> _lastOffsets = new(new BytesComparer());
    private readonly HashSet<long> _seenInTransaction = [];
    private readonly List<long> _removedMarkers = [];

    /// <summary>The offsets of the markers that are gone; nobody must wait for them.</summary>
    public IReadOnlyList<long> RemovedMarkers => _removedMarkers;

    /// <summary>What stays of batches that follow one another.</summary>
    /// <param name="batches">The batches, oldest first.</param>
    /// <param name="endOffset">The end of the log: its last batch stays, be it empty, so that readers learn of the end.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Clean(IReadOnlyList<RecordBatch> batches, long endOffset)
    {
        foreach (RecordBatch batch in batches)
        {
            Note(batch);
        }

        var kept = new List<ReadOnlyMemory<byte>>(batches.Count);
        foreach (RecordBatch batch in batches)
        {
            bool isLast = batch.NextOffset == endOffset;
            if ((batch.IsControl ? CleanMarker(batch, isLast) : CleanBatch(batch, isLast)) is { } bytes)
            {
                kept.Add(bytes);
            }
        }

        return kept;
    }

    private void Note(RecordBatch batch)
    {
        if (batch.IsControl || IsAborted(batch) || IsOpaque(batch))
        {
            return;
        }

        using BatchRecords records = Open(batch);
        foreach (ref readonly Record record in records)
        {
            if (!record.IsKeyNull)
            {
                _lastOffsets[record.Key.ToArray()] = record.Offset;
            }
        }
    }

    private ReadOnlyMemory<byte>? CleanMarker(RecordBatch batch, bool isLast)
    {
        // As long as a pass still meets records of the transaction, its marker is needed.
        if (_seenInTransaction.Remove(batch.Producer.Id) || isLast)
        {
            return batch.Bytes;
        }

        if (batch.DeleteHorizon is not { } horizon)
        {
            return RecordBatchFilter.Keep(batch, (in _) => true, now + deleteRetention, codecs);
        }

        if (now < horizon)
        {
            return batch.Bytes;
        }

        _removedMarkers.Add(batch.BaseOffset);
        return null;
    }

    private ReadOnlyMemory<byte>? CleanBatch(RecordBatch batch, bool isLast)
    {
        if (batch.IsTransactional)
        {
            _seenInTransaction.Add(batch.Producer.Id);
        }

        if (IsOpaque(batch))
        {
            return batch.Bytes;
        }

        (int kept, bool hasTombstone) = IsAborted(batch) ? (0, false) : Count(batch);
        bool setsHorizon = hasTombstone && batch.DeleteHorizon is null;
        if (kept == 0)
        {
            return isLast ? RecordBatchFilter.Keep(batch, (in _) => false, null, codecs) : default(ReadOnlyMemory<byte>?);
        }

        return kept == batch.RecordCount && !setsHorizon
            ? batch.Bytes
            : RecordBatchFilter.Keep(batch, (in record) => Stays(record, batch.DeleteHorizon), setsHorizon ? now + deleteRetention : null, codecs);
    }

    private (int Kept, bool HasTombstone) Count(RecordBatch batch)
    {
        int kept = 0;
        bool hasTombstone = false;
        using BatchRecords records = Open(batch);
        foreach (ref readonly Record record in records)
        {
            if (Stays(record, batch.DeleteHorizon))
            {
                kept++;
                hasTombstone |= record.IsValueNull;
            }
        }

        return (kept, hasTombstone);
    }

    private bool Stays(in Record record, long? horizon) =>
        !record.IsKeyNull
        && _lastOffsets.GetValueOrDefault(record.Key, -1) <= record.Offset
        && (!record.IsValueNull || horizon is null || now < horizon);

    private bool IsAborted(RecordBatch batch) =>
        batch.IsTransactional && aborted.Any(transaction =>
            transaction.ProducerId == batch.Producer.Id && transaction.FirstOffset <= batch.BaseOffset && batch.BaseOffset < transaction.LastOffset);

    // Behind a codec that is not there nobody can tell keys.
    private bool IsOpaque(RecordBatch batch) => batch.Compression != CompressionType.None && !codecs.TryGet(batch.Compression, out _);

    private BatchRecords Open(RecordBatch batch) => batch.OpenRecords(new RecordReadOptions { CheckCrc = false, Codecs = codecs });

    private sealed class BytesComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj.Span);
            return hash.ToHashCode();
        }
    }
}
