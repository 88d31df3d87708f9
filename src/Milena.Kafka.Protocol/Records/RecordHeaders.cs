using System.Collections;

namespace Milena.Kafka.Protocol.Records;

/// <summary>The headers of a record that was read, decoded as they are enumerated. They live as long as the batch's buffer.</summary>
public readonly struct RecordHeaders : IEnumerable<RecordHeader>
{
    internal RecordHeaders(int count, ReadOnlyMemory<byte> encoded)
    {
        Count = count;
        Encoded = encoded;
    }

    /// <summary>The number of headers.</summary>
    public int Count { get; }

    /// <summary>The headers as they stand on the wire, after their count. Their lengths have been checked.</summary>
    internal ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The same headers in memory of their own, which outlives the batch's buffer.</summary>
    public RecordHeaders ToOwned() => Count == 0 ? default : new RecordHeaders(Count, Encoded.ToArray());

    /// <summary>Enumerates the headers in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <inheritdoc/>
    IEnumerator<RecordHeader> IEnumerable<RecordHeader>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Enumerates the headers of a record.</summary>
    public struct Enumerator : IEnumerator<RecordHeader>
    {
        private readonly RecordHeaders _headers;
        private int _position;
        private int _read;

        internal Enumerator(RecordHeaders headers)
        {
            _headers = headers;
        }

        /// <inheritdoc/>
        public RecordHeader Current { get; private set; }

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            if (_read == _headers.Count)
            {
                return false;
            }

            // The record was parsed to its end before: every length here is known to be good.
            ReadOnlySpan<byte> span = _headers.Encoded.Span;
            WireVarint.TryRead(span, ref _position, out int keyLength);
            ReadOnlyMemory<byte> key = _headers.Encoded.Slice(_position, keyLength);
            _position += keyLength;
            WireVarint.TryRead(span, ref _position, out int valueLength);
            ReadOnlyMemory<byte>? value = valueLength < 0 ? default(ReadOnlyMemory<byte>?) : _headers.Encoded.Slice(_position, valueLength);
            _position += Math.Max(valueLength, 0);
            Current = new RecordHeader(key, value);
            _read++;
            return true;
        }

        /// <inheritdoc/>
        public void Reset()
        {
            _position = 0;
            _read = 0;
        }

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
