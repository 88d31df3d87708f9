using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>One enumeration of batches.</summary>
internal sealed class BatchStream<TKey, TValue> : IAsyncEnumerator<ConsumeBatch<TKey, TValue>>
{
    private readonly Reading _reading;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly PoisonSettler _poison;
    private readonly List<DecodedRecord<TKey, TValue>> _decoded = [];
    private RecordSource? _source;
    private ConsumeBatch<TKey, TValue>? _current;

    public BatchStream(Reading reading, RecordDecoder<TKey, TValue> decoder, PoisonSettler poison)
    {
        _reading = reading;
        _decoder = decoder;
        _poison = poison;
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
                if (_decoder.MayWait || !_poison.Throws)
                {
                    await DecodeAsync(_source).ConfigureAwait(false);
                    if (_source.IsStale)
                    {
                        continue;
                    }
                }

                RecordBatch batch = _source.Batch!.Batch;
                _current = new ConsumeBatch<TKey, TValue>(_source.Partition, _source.Batch, _decoder, count, _source.FirstOffset, _source.HighWatermark)
                {
                    Claim = _source.Fetched.Claim,
                    Decoded = _decoder.MayWait || !_poison.Throws ? _decoded : null,
                };
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

    /// <summary>Decodes the whole batch, since that may have to wait, and deals with what cannot be read.</summary>
    private async ValueTask DecodeAsync(RecordSource source)
    {
        _decoded.Clear();
        RecordOrigin origin = RecordOrigin.Of(source.Partition, source.Batch!.Batch);
        RecordEnumerator records = source.Batch.GetEnumerator();
        while (MoveNext(source, ref records))
        {
            if (records.Current.Offset < source.FirstOffset)
            {
                continue;
            }

            try
            {
                _decoded.Add(new(await _decoder.DecodeAsync(origin, records.Current, _reading.Token).ConfigureAwait(false), null));
            }
            catch (SerializationException fault) when (_poison.Throws)
            {
                _decoded.Add(new(default, fault));
            }
            catch (SerializationException fault)
            {
                await _poison.SettleAsync(fault, _reading.Token).ConfigureAwait(false);
            }
        }
    }

    private static bool MoveNext(RecordSource source, ref RecordEnumerator records)
    {
        try
        {
            return records.MoveNext();
        }
        catch (ProtocolException fault)
        {
            throw source.Corrupt(fault);
        }
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
