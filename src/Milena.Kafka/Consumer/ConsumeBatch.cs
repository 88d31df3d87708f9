using System.Collections;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>A batch of records of one partition, as it was produced: a view into the consumer's buffer, valid until the next batch is asked for.</summary>
/// <remarks>
/// Typed records come by enumerating the batch, each decoded as it is reached; what they hold is safe to keep. <see cref="Records"/> gives the
/// stored bytes without a copy. Used too late, both throw <see cref="ObjectDisposedException"/>. Not thread-safe.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class ConsumeBatch<TKey, TValue> : IEnumerable<ConsumeResult<TKey, TValue>>
{
    private readonly BatchRecords _records;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly RecordOrigin _origin;
    private bool _isExpired;

    internal ConsumeBatch(TopicPartition partition, BatchRecords records, RecordDecoder<TKey, TValue> decoder, int count, long firstOffset, long highWatermark)
    {
        Count = count;
        FirstOffset = firstOffset;
        NextOffset = Math.Max(firstOffset, records.Batch.NextOffset);
        HighWatermark = highWatermark;
        _records = records;
        _origin = RecordOrigin.Of(partition, records.Batch);
        _decoder = decoder;
    }

    /// <summary>The topic and partition of the records.</summary>
    public TopicPartition TopicPartition => _origin.Partition;

    /// <summary>The name of the topic.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>The number of the partition.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>The number of records; at least 1.</summary>
    public int Count { get; }

    /// <summary>Where reading goes on after this batch. Offsets may have gaps, so it can be more than the last record's offset plus 1.</summary>
    public long NextOffset { get; }

    /// <summary>The offset that the partition's next record was to get, when the batch was fetched.</summary>
    public long HighWatermark { get; }

    /// <summary>Who set the records' times: the producer or the broker.</summary>
    public TimestampType TimestampType => _origin.TimestampType;

    /// <summary>The epoch of the leader that appended the batch; -1 if it is not known.</summary>
    public int LeaderEpoch => _origin.LeaderEpoch;

    internal System.Diagnostics.Activity? StartSpan(ConsumeSpans spans) => spans.StartProcess(TopicPartition, _records, Count, parent: default);

    /// <summary>The records as they are stored, borrowed from the buffer.</summary>
    /// <exception cref="ObjectDisposedException">The next batch was asked for.</exception>
    public RawRecords Records => new(this);

    /// <summary>The record whose decoding or parsing failed last; null if none did.</summary>
    internal long? FailedOffset { get; private set; }

    internal long FirstOffset { get; }

    /// <summary>The typed records, if they had to be decoded before; null if that is done as they are reached.</summary>
    internal IReadOnlyList<DecodedRecord<TKey, TValue>>? Decoded { get; set; }

    /// <summary>Enumerates typed records in order.</summary>
    /// <exception cref="ObjectDisposedException">The next batch was asked for.</exception>
    public Enumerator GetEnumerator() => new(this);

    /// <inheritdoc/>
    IEnumerator<ConsumeResult<TKey, TValue>> IEnumerable<ConsumeResult<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Expire() => _isExpired = true;

    private void ThrowIfExpired() => ObjectDisposedException.ThrowIf(_isExpired, this);

    private CorruptRecordException Corrupt(long next, ProtocolException fault)
    {
        FailedOffset = next;
        return new CorruptRecordException(TopicPartition, next, Math.Max(next + 1, NextOffset), fault.Message, fault);
    }

    /// <summary>The stored records of a batch, parsed as they are enumerated, without a copy.</summary>
    public readonly struct RawRecords
    {
        private readonly ConsumeBatch<TKey, TValue> _batch;

        internal RawRecords(ConsumeBatch<TKey, TValue> batch)
        {
            batch.ThrowIfExpired();
            _batch = batch;
        }

        /// <summary>Enumerates the records in order.</summary>
        /// <exception cref="ObjectDisposedException">The next batch was asked for.</exception>
        public RawEnumerator GetEnumerator() => new(_batch);
    }

    /// <summary>Enumerates the stored records of a batch.</summary>
    public struct RawEnumerator
    {
        private readonly ConsumeBatch<TKey, TValue> _batch;
        private RecordEnumerator _records;
        private long _next;

        internal RawEnumerator(ConsumeBatch<TKey, TValue> batch)
        {
            batch.ThrowIfExpired();
            _batch = batch;
            _records = batch._records.GetEnumerator();
            _next = batch.FirstOffset;
        }

        /// <summary>The record that was reached last. It borrows from the buffer: copy what is to be kept.</summary>
        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ref readonly Record Current => ref _records.Current;

        /// <summary>Parses the next record.</summary>
        /// <exception cref="CorruptRecordException">The record cannot be read.</exception>
        /// <exception cref="ObjectDisposedException">The next batch was asked for.</exception>
        public bool MoveNext()
        {
            _batch.ThrowIfExpired();
            try
            {
                while (_records.MoveNext())
                {
                    long offset = _records.Current.Offset;
                    if (offset >= _batch.FirstOffset)
                    {
                        _next = offset + 1;
                        return true;
                    }
                }

                return false;
            }
            catch (ProtocolException fault)
            {
                throw _batch.Corrupt(_next, fault);
            }
        }
    }

    /// <summary>Enumerates the typed records of a batch.</summary>
    public struct Enumerator : IEnumerator<ConsumeResult<TKey, TValue>>
    {
        private readonly ConsumeBatch<TKey, TValue> _batch;
        private RawEnumerator _records;
        private int _decoded;

        internal Enumerator(ConsumeBatch<TKey, TValue> batch)
        {
            _batch = batch;
            _records = new RawEnumerator(batch);
        }

        /// <inheritdoc/>
        public ConsumeResult<TKey, TValue> Current { get; private set; }

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <summary>Decodes the next record.</summary>
        /// <exception cref="SerializationException">A deserializer failed. The enumerator may be moved on to the record after it.</exception>
        /// <exception cref="CorruptRecordException">The record cannot be read.</exception>
        /// <exception cref="ObjectDisposedException">The next batch was asked for.</exception>
        public bool MoveNext()
        {
            if (_batch.Decoded is { } decoded)
            {
                return MoveNext(decoded);
            }

            if (!_records.MoveNext())
            {
                return false;
            }

            try
            {
                Current = _batch._decoder.Decode(_batch._origin, _records.Current);
                return true;
            }
            catch (SerializationException)
            {
                _batch.FailedOffset = _records.Current.Offset;
                throw;
            }
        }

        /// <inheritdoc/>
        public void Reset()
        {
            _records = new RawEnumerator(_batch);
            _decoded = 0;
        }

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }

        private bool MoveNext(IReadOnlyList<DecodedRecord<TKey, TValue>> decoded)
        {
            _batch.ThrowIfExpired();
            if (_decoded == decoded.Count)
            {
                return false;
            }

            DecodedRecord<TKey, TValue> next = decoded[_decoded++];
            if (next.Fault is { } fault)
            {
                _batch.FailedOffset = fault.Offset;
                throw fault;
            }

            Current = next.Record;
            return true;
        }
    }
}
