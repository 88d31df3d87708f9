using System.Diagnostics.CodeAnalysis;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Parses the records of one batch, one at a time, without allocating.</summary>
public struct RecordEnumerator
{
    // A header takes two bytes at least.
    private const int MinHeaderSize = 2;

    private readonly RecordBatch _batch;
    private readonly ReadOnlyMemory<byte> _source;
    private readonly bool _isMessageSet;
    private readonly bool _hasAppendTime;
    private readonly bool _checkInnerCrc;
    private readonly bool _isWrapped;
    private readonly long _baseOffset;
    private readonly long _timestamp;
    private readonly int _lastOffsetDelta;
    private int _position;
    private int _left;
    private Record _current;

    internal RecordEnumerator(in RecordBatch batch, ReadOnlyMemory<byte> source, int start, long innerBase, bool checkInnerCrc)
    {
        _batch = batch;
        _source = source;
        _position = start;
        _isMessageSet = batch.Magic != CurrentMagic;
        _isWrapped = _isMessageSet && batch.Compression != CompressionType.None;
        _hasAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
        _timestamp = _hasAppendTime ? batch.MaxTimestamp : batch.BaseTimestamp;
        _checkInnerCrc = checkInnerCrc;
        _baseOffset = _isMessageSet ? innerBase : batch.BaseOffset;
        _lastOffsetDelta = batch.LastOffsetDelta;
        _left = batch.RecordCount;
    }

    /// <summary>The record that was reached last.</summary>
    [UnscopedRef]
    public readonly ref readonly Record Current => ref _current;

    /// <summary>Parses the next record.</summary>
    /// <exception cref="CorruptRecordBatchException">The record contradicts itself or its batch. The enumerator must not be used after that.</exception>
    public bool MoveNext()
    {
        if (_isMessageSet)
        {
            return MoveNextMessage();
        }

        ReadOnlySpan<byte> source = _source.Span;
        if (_left == 0)
        {
            if (_position != source.Length)
            {
                throw Corrupt($"{source.Length - _position} bytes follow its last record");
            }

            return false;
        }

        int at = _position;
        if (!WireVarint.TryRead(source, ref at, out int length) || (uint)length > (uint)(source.Length - at))
        {
            throw Corrupt($"{_left} more records are claimed and the next is not all there");
        }

        // The record cannot be read past its own end: its span ends there.
        ReadOnlySpan<byte> record = source[..(at + length)];
        if (!TryReadRecord(record, at, out long timestampDelta, out int offsetDelta, out RecordSlices slices))
        {
            throw Corrupt($"its fields do not fill a record of {length} bytes");
        }

        if ((uint)offsetDelta > (uint)_lastOffsetDelta)
        {
            throw Corrupt($"a record has the offset delta {offsetDelta}, the batch ends at {_lastOffsetDelta}");
        }

        _current = new Record(_source, _baseOffset + offsetDelta, _hasAppendTime ? _timestamp : _timestamp + timestampDelta, slices);
        _position = record.Length;
        _left--;
        return true;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> record, int at, out long timestampDelta, out int offsetDelta, out RecordSlices slices)
    {
        slices = default;
        offsetDelta = 0;
        timestampDelta = 0;
        if (at++ == record.Length
            || !WireVarint.TryRead(record, ref at, out timestampDelta)
            || !WireVarint.TryRead(record, ref at, out offsetDelta)
            || !TryReadBytes(record, ref at, out slices.KeyStart, out slices.KeyLength)
            || !TryReadBytes(record, ref at, out slices.ValueStart, out slices.ValueLength)
            || !WireVarint.TryRead(record, ref at, out slices.HeaderCount))
        {
            return false;
        }

        slices.HeadersStart = at;
        slices.HeadersLength = record.Length - at;
        return slices.HeaderCount == 0 ? slices.HeadersLength == 0 : AreHeadersValid(record[at..], slices.HeaderCount);
    }

    private static bool TryReadBytes(ReadOnlySpan<byte> record, ref int at, out int start, out int length)
    {
        bool isNumber = WireVarint.TryRead(record, ref at, out length);
        start = at;
        if (!isNumber || length < -1 || length > record.Length - at)
        {
            return false;
        }

        at += Math.Max(length, 0);
        return true;
    }

    private static bool AreHeadersValid(ReadOnlySpan<byte> headers, int count)
    {
        if (count < 0 || (long)count * MinHeaderSize > headers.Length)
        {
            return false;
        }

        int at = 0;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadBytes(headers, ref at, out _, out int keyLength) || keyLength < 0 || !TryReadBytes(headers, ref at, out _, out _))
            {
                return false;
            }
        }

        return at == headers.Length;
    }

    private bool MoveNextMessage()
    {
        RecordBatches.Enumerator messages = new RecordBatches(_source[_position..]).GetEnumerator();
        if (!messages.MoveNext())
        {
            return messages.BytesLeft == 0 ? false : throw Corrupt($"{messages.BytesLeft} bytes of a message are not all there");
        }

        RecordBatch message = messages.Current;
        if (_isWrapped && (message.Magic != _batch.Magic || message.Compression != CompressionType.None))
        {
            throw Corrupt("a wrapped message has another magic or is compressed itself");
        }

        if (_checkInnerCrc)
        {
            message.EnsureValidCrc();
        }

        ReadOnlyMemory<byte> bytes = message.Bytes;
        if (!MessageSet.TryReadSlices(bytes.Span, out RecordSlices slices))
        {
            throw Corrupt("key and value do not fill the message");
        }

        long timestamp = _hasAppendTime ? _timestamp : message.BaseTimestamp;
        _current = new Record(bytes, _baseOffset + message.BaseOffset, timestamp, slices);
        _position += bytes.Length;
        return true;
    }

    private readonly CorruptRecordBatchException Corrupt(string reason) => _batch.Corrupt($"{reason} (byte {_position} of its records)");
}
