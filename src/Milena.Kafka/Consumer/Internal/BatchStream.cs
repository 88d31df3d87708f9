using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>One enumeration of batches.</summary>
internal sealed class BatchStream<TKey, TValue> : IAsyncEnumerator<ConsumeBatch<TKey, TValue>>
{
    private readonly Reading _reading;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private RecordSource? _source;
    private ConsumeBatch<TKey, TValue>? _current;

    public BatchStream(Reading reading, RecordDecoder<TKey, TValue> decoder)
    {
        _reading = reading;
        _decoder = decoder;
    }

    public ConsumeBatch<TKey, TValue> Current => _current ?? throw new InvalidOperationException("MoveNextAsync has not been awaited yet, or there are no more batches.");

    public async ValueTask<bool> MoveNextAsync()
    {
        _current?.Expire();
        _current = null;
        _source?.MarkFinished();
        _source ??= await _reading.OpenAsync().ConfigureAwait(false);
        while (await _reading.NextBatchAsync(_source).ConfigureAwait(false))
        {
            int count = Count(_source);
            if (count > 0)
            {
                RecordBatch batch = _source.Batch!.Batch;
                _current = new ConsumeBatch<TKey, TValue>(_source.Partition, _source.Batch, _decoder, count, _source.FirstOffset, _source.HighWatermark);
                _source.NextOffset = Math.Max(_source.FirstOffset, batch.NextOffset);
                return true;
            }
        }

        return false;
    }

    public ValueTask DisposeAsync()
    {
        // The loop was left by a record that cannot be read, not by the caller's will: reading goes on at that record.
        if (_current?.FailedOffset is { } failed && _source is not null)
        {
            _source.NextOffset = failed;
        }

        _current?.Expire();
        _current = null;
        return _reading.DisposeAsync();
    }

    /// <summary>The records from the wanted offset on. Only the first batch after a seek, and old message sets, have to be walked for that.</summary>
    private static int Count(RecordSource source)
    {
        RecordBatch batch = source.Batch!.Batch;
        if (batch.RecordCount >= 0 && batch.BaseOffset >= source.FirstOffset)
        {
            return batch.RecordCount;
        }

        try
        {
            int count = 0;
            foreach (ref readonly Record record in source.Batch)
            {
                count += record.Offset >= source.FirstOffset ? 1 : 0;
            }

            return count;
        }
        catch (ProtocolException fault)
        {
            throw source.Corrupt(fault);
        }
    }
}
