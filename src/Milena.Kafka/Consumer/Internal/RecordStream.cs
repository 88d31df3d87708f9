using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>One enumeration of records. Per record it costs no allocation, lock or task; all that is per batch is in the <see cref="RecordSource"/>.</summary>
internal sealed class RecordStream<TKey, TValue> : IAsyncEnumerator<ConsumeResult<TKey, TValue>>
{
    private readonly Reading _reading;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly PoisonSettler _poison;
    private readonly bool _mayWait;
    private RecordSource? _source;
    private RecordOrigin _origin;
    private RecordEnumerator _records;
    private bool _hasRecords;
    private TKey _key = default!;
    private TValue _value = default!;
    private Task<ConsumeResult<TKey, TValue>>? _pending;

    public RecordStream(Reading reading, RecordDecoder<TKey, TValue> decoder, PoisonSettler poison)
    {
        _reading = reading;
        _decoder = decoder;
        _poison = poison;
        _mayWait = decoder.MayWait;
    }

    public ConsumeResult<TKey, TValue> Current => new(_origin, _records.Current, _key, _value);

    /// <summary>The stored form of the current record, until the next one is asked for.</summary>
    public ref readonly Record Stored => ref _records.Current;

    /// <summary>What the current record was fetched with.</summary>
    public FetchedRecords Fetched => _source!.Fetched;

    public ValueTask<bool> MoveNextAsync()
    {
        // The token is looked at for every record, so that a cancelled loop ends at once and not with its batch.
        return _hasRecords && !_reading.Token.IsCancellationRequested && TryMoveNext() ? new(true) : MoveOnAsync();
    }

    /// <summary>Lets go of the records in hand; they come again when their partition's turn comes.</summary>
    /// <param name="withCurrent">Whether the current record comes again too.</param>
    public void GiveBack(bool withCurrent)
    {
        if (withCurrent)
        {
            _source!.NextOffset = _records.Current.Offset;
        }

        _hasRecords = false;
        _source!.MarkFinished();
        _source.Close();
    }

    public ValueTask DisposeAsync() => _reading.DisposeAsync();

    /// <returns>False at the end of the batch, or if a record has to be waited for.</returns>
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
                    if (_mayWait)
                    {
                        ValueTask<ConsumeResult<TKey, TValue>> decoding = _decoder.DecodeAsync(_origin, record, _reading.Token);
                        if (!decoding.IsCompletedSuccessfully)
                        {
                            _pending = decoding.AsTask();
                            return false;
                        }

                        Take(decoding.Result);
                    }
                    else
                    {
                        _decoder.Decode(_origin, record, out _key, out _value);
                    }

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
        catch (SerializationException fault) when (!_poison.Throws)
        {
            _pending = Task.FromException<ConsumeResult<TKey, TValue>>(fault);
            return false;
        }
    }

    private void Take(in ConsumeResult<TKey, TValue> decoded)
    {
        _key = decoded.Key;
        _value = decoded.Value;
    }

    private async ValueTask<bool> MoveOnAsync()
    {
        _source?.MarkFinished();
        _source ??= await _reading.OpenAsync().ConfigureAwait(false);
        while (true)
        {
            while (_pending is { } pending)
            {
                _pending = null;
                if (await SettleAsync(_source, pending).ConfigureAwait(false) || (!_reading.Token.IsCancellationRequested && TryMoveNext()))
                {
                    return true;
                }
            }

            _hasRecords = false;
            _records = default; // Its buffer goes back.
            if (!await _reading.NextBatchAsync(_source).ConfigureAwait(false))
            {
                return false;
            }

            _origin = RecordOrigin.Of(_source.Partition, _source.Batch!.Batch);
            _records = _source.Batch.GetEnumerator();
            _hasRecords = true;
            if (TryMoveNext())
            {
                return true;
            }
        }
    }

    /// <summary>Waits for the record that was begun, or deals with it if it cannot be read.</summary>
    /// <returns>Whether there is a record to hand out.</returns>
    private async ValueTask<bool> SettleAsync(RecordSource source, Task<ConsumeResult<TKey, TValue>> pending)
    {
        long offset = _records.Current.Offset;
        try
        {
            ConsumeResult<TKey, TValue> decoded = await pending.ConfigureAwait(false);
            if (source.IsStale)
            {
                return false;
            }

            Take(decoded);
            source.NextOffset = offset + 1;
            return true;
        }
        catch (SerializationException fault) when (!_poison.Throws)
        {
            await _poison.SettleAsync(fault, _reading.Token).ConfigureAwait(false);
            if (!source.IsStale)
            {
                source.NextOffset = offset + 1;
            }

            return false;
        }
    }
}
