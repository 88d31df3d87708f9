using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <content>What becomes of old records.</content>
internal sealed partial class PartitionState
{
    /// <summary>The bytes that the log takes.</summary>
    public long Size
    {
        get
        {
            lock (_gate)
            {
                return _log.Size;
            }
        }
    }

    /// <summary>Deletes and compacts old records as the topic's settings say.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="codecs">What looks into compressed batches.</param>
    /// <param name="isForced">Whether the newest segment is compacted too, however little there is to gain.</param>
    public void CleanUp(TimeProvider time, CompressionCodecs codecs, bool isForced)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_gate)
        {
            TopicConfigs configs = Topic.Configs;
            if (configs.IsDeleted)
            {
                if (configs.RetentionMs >= 0)
                {
                    _log.DeleteOlderThan(now - configs.RetentionMs);
                }

                if (configs.RetentionBytes >= 0)
                {
                    _log.Retain(configs.RetentionBytes);
                }
            }

            if (configs.IsCompacted && (CleanableEnd(configs, now, isForced) is var end && (isForced || IsWorthIt(configs, now, end))))
            {
                Compact(configs, now, end, codecs);
            }

            SignalWatchers();
        }
    }

    /// <summary>Up to where a log may be compacted: not the newest segment, no open transaction, nothing too young.</summary>
    private long CleanableEnd(TopicConfigs configs, long now, bool isForced)
    {
        long end = Math.Min(CurrentOffsets().LastStable, isForced ? _log.EndOffset : _log.ActiveSegmentStart);
        return configs.MinCompactionLag <= 0
            ? end
            : _log.BatchesFrom(_log.StartOffset)
                .Where(entry => entry.Batch.MaxTimestamp > now - configs.MinCompactionLag)
                .Select(entry => Math.Min(end, entry.Batch.BaseOffset))
                .FirstOrDefault(end);
    }

    private bool IsWorthIt(TopicConfigs configs, long now, long end)
    {
        long clean = 0;
        long dirty = 0;
        bool isLate = false;
        foreach ((_, BatchEntry batch) in _log.BatchesFrom(_log.StartOffset).Where(entry => entry.Batch.LastOffset < end))
        {
            bool isClean = batch.LastOffset < _log.CleanedUntil;
            clean += isClean ? batch.Size : 0;
            dirty += isClean ? 0 : batch.Size;
            isLate |= !isClean && now - batch.MaxTimestamp > configs.MaxCompactionLag;
        }

        return dirty > 0 && (isLate || (double)dirty / (clean + dirty) >= configs.MinCleanableDirtyRatio);
    }

    private void Compact(TopicConfigs configs, long now, long end, CompressionCodecs codecs)
    {
        var cleaner = new LogCleaner(codecs, _producers.Transactions.Aborted, now, configs.DeleteRetention);
        RecordBatch[] all = [.. _log.BatchesFrom(_log.StartOffset).Select(entry => Open(entry.Segment, entry.Batch))];
        IReadOnlyList<ReadOnlyMemory<byte>> kept = cleaner.Clean([.. all.Where(batch => batch.NextOffset <= end)], _log.EndOffset);
        _log.Replace([.. kept, .. all.Where(batch => batch.NextOffset > end).Select(batch => batch.Bytes)], end);
        _producers.Transactions.Forget(cleaner.RemovedMarkers);
    }
}
