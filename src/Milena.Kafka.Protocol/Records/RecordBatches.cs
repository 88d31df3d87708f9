using System.Buffers.Binary;
using System.Collections;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>The batches of a records field, found one by one as they are enumerated, without a copy.</summary>
/// <param name="records">The field: batches back to back, of any magic.</param>
/// <remarks>A broker may cut off the last batch of a Fetch response: it is left out, see <see cref="Enumerator.BytesLeft"/>.</remarks>
public readonly struct RecordBatches(ReadOnlyMemory<byte> records) : IEnumerable<RecordBatch>
{
    private readonly ReadOnlyMemory<byte> _records = records;

    /// <summary>Enumerates the batches in order.</summary>
    public Enumerator GetEnumerator() => new(_records);

    /// <inheritdoc/>
    IEnumerator<RecordBatch> IEnumerable<RecordBatch>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Enumerates the batches of a records field.</summary>
    public struct Enumerator : IEnumerator<RecordBatch>
    {
        private readonly ReadOnlyMemory<byte> _records;
        private int _position;

        internal Enumerator(ReadOnlyMemory<byte> records)
        {
            _records = records;
        }

        /// <inheritdoc/>
        public RecordBatch Current { get; private set; }

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <summary>Bytes after the last batch that was found; at the end, those of a batch that was cut off.</summary>
        public readonly int BytesLeft => _records.Length - _position;

        /// <summary>Moves to the next whole batch.</summary>
        /// <exception cref="CorruptRecordBatchException">The next bytes cannot be the head of a batch.</exception>
        public bool MoveNext()
        {
            ReadOnlyMemory<byte> rest = _records[_position..];
            ReadOnlySpan<byte> span = rest.Span;
            if (span.Length < LogOverhead)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadInt32BigEndian(span[Length..]);
            if (length < MessageSet.MinLength(0))
            {
                throw Corrupt(span, $"it claims a length of {length} bytes");
            }

            if (span.Length <= Magic)
            {
                return false;
            }

            int minLength = MinLength(span[Magic]);
            if (minLength < 0)
            {
                throw Corrupt(span, $"its magic is {span[Magic]}");
            }

            if (length < minLength)
            {
                throw Corrupt(span, $"it claims a length of {length} bytes, too few for magic {span[Magic]}");
            }

            if (length > span.Length - LogOverhead)
            {
                return false;
            }

            var batch = new RecordBatch(rest[..(length + LogOverhead)], _position);
            ThrowIfContradictory(batch);
            Current = batch;
            _position += length + LogOverhead;
            return true;
        }

        /// <inheritdoc/>
        public void Reset() => _position = 0;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }

        private static int MinLength(byte magic) => magic switch
        {
            CurrentMagic => HeaderSize - LogOverhead,
            0 or 1 => MessageSet.MinLength(magic),
            _ => -1,
        };

        private static void ThrowIfContradictory(in RecordBatch batch)
        {
            if (batch.Magic != CurrentMagic)
            {
                return;
            }

            if (batch.LastOffsetDelta < 0 || batch.BaseOffset > long.MaxValue - 1 - batch.LastOffsetDelta)
            {
                throw batch.Corrupt($"its last offset is {batch.LastOffsetDelta} after its first");
            }

            int size = batch.Bytes.Length - HeaderSize;
            if (batch.RecordCount < 0 || (batch.Compression == CompressionType.None && batch.RecordCount > size / MinRecordSize))
            {
                throw batch.Corrupt($"it claims {batch.RecordCount} records in {size} bytes");
            }
        }

        private readonly CorruptRecordBatchException Corrupt(ReadOnlySpan<byte> span, string reason) =>
            new(BinaryPrimitives.ReadInt64BigEndian(span), _position, reason);
    }
}
