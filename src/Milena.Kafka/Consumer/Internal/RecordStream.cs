using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>One enumeration of records. Per record it costs no allocation, lock or task; all that is per batch is in the <see cref="RecordSource"/>.</summary>
internal sealed class RecordStream<TKey, TValue> : IAsyncEnumerator<ConsumeResult<TKey, TValue>>
{
    private readonly Reading _reading;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private RecordSource? _source;
    private RecordOrigin _origin;
    private RecordEnumerator _records;
    private bool _hasRecords;
    private ConsumeResult<TKey, TValue> _current;

    public RecordStream(Reading reading, RecordDecoder<TKey, TValue> decoder)
    {
        _reading = reading;
        _decoder = decoder;
    }

    public ConsumeResult<TKey, TValue> Current => _current;

    public ValueTask<bool> MoveNextAsync()
    {
        // The token is looked at for every record, so that a cancelled loop ends at once and not with its batch.
        return _hasRecords && !_reading.Token.IsCancellationRequested && TryMoveNext() ? new(true) : MoveToBatchAsync();
    }

    public ValueTask DisposeAsync() => _reading.DisposeAsync();

    private bool TryMoveNext()
    {
        RecordSource source = _source!;
        source.MarkFinished();
        if (source.IsStale)
        {
            return false;
        }

        try
        {
            while (_records.MoveNext())
            {
                ref readonly Record record = ref _records.Current;
                if (record.Offset >= source.FirstOffset)
                {
                    _current = _decoder.Decode(_origin, record);
                    source.NextOffset = record.Offset + 1;
                    return true;
                }
            }

            return false;
        }
        catch (ProtocolException fault)
        {
            _hasRecords = false;
            throw source.Corrupt(fault);
        }
    }

    private async ValueTask<bool> MoveToBatchAsync()
    {
        _source?.MarkFinished();
        _source ??= await _reading.OpenAsync().ConfigureAwait(false);
        do
        {
            _hasRecords = false;
            if (!await _reading.NextBatchAsync(_source).ConfigureAwait(false))
            {
                return false;
            }

            _origin = RecordOrigin.Of(_source.Partition, _source.Batch!.Batch);
            _records = _source.Batch.GetEnumerator();
            _hasRecords = true;
        }
        while (!TryMoveNext());
        return true;
    }
}
