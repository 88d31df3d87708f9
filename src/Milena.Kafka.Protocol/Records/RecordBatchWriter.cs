using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Milena.Kafka.Compression;
using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>
/// The open batch of a partition: records are written in wire format, magic 2, into one buffer as they come, and the header
/// before them when the batch is closed.
/// </summary>
/// <remarks>
/// The buffer belongs to the caller, who must keep it until the last read of <see cref="Batch"/> has ended. Appending allocates nothing.
/// Not thread-safe.
/// </remarks>
public sealed class RecordBatchWriter
{
    /// <summary>The bytes of a batch before its first record.</summary>
    public const int HeaderSize = RecordBatchLayout.HeaderSize;

    // Length, attributes, timestamp delta, offset delta, key length, value length, header count at their longest.
    private const int MaxRecordOverhead = Varint.MaxSize32 + 1 + Varint.MaxSize64 + (4 * Varint.MaxSize32);

    private byte[] _buffer;
    private int _capacity;
    private int _position;
    private int _count;
    private long _baseTimestamp;
    private long _maxTimestamp;
    private bool _isClosed;

    /// <summary>Opens a batch in a buffer that is used to its end.</summary>
    /// <param name="buffer">Where the batch is built.</param>
    /// <exception cref="ArgumentException">The buffer has no room for a header.</exception>
    public RecordBatchWriter(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
        Reset(buffer, buffer.Length);
    }

    /// <summary>Opens a batch in the first bytes of a buffer.</summary>
    /// <param name="buffer">Where the batch is built.</param>
    /// <param name="capacity">The most bytes the batch may take, its header included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is larger than the buffer or has no room for a header.</exception>
    public RecordBatchWriter(byte[] buffer, int capacity)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
        Reset(buffer, capacity);
    }

    /// <summary>The most bytes the batch may take, its header included.</summary>
    public int Capacity => _capacity;

    /// <summary>The bytes of the batch so far, its header included; once closed, its final size.</summary>
    public int Size => _position;

    /// <summary>The number of records.</summary>
    public int Count => _count;

    /// <summary>The time of the first record, in milliseconds since 1970; 0 without records.</summary>
    public long BaseTimestamp => _baseTimestamp;

    /// <summary>The highest time of a record, in milliseconds since 1970; 0 without records.</summary>
    public long MaxTimestamp => _maxTimestamp;

    /// <summary>Whether the batch is finished and takes no more records.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>The buffer the batch is built in.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>The finished batch, as a slice of the buffer.</summary>
    /// <exception cref="InvalidOperationException">The batch is still open.</exception>
    public ReadOnlyMemory<byte> Batch => _isClosed
        ? _buffer.AsMemory(0, _position)
        : throw new InvalidOperationException("The batch is still open.");

    /// <summary>The most bytes that a record can take within a batch.</summary>
    /// <param name="keyLength">The bytes of the key; 0 if null.</param>
    /// <param name="valueLength">The bytes of the value; 0 if null.</param>
    /// <param name="headers">The headers.</param>
    /// <remarks>A batch of <see cref="HeaderSize"/> bytes more than this always has room for the record.</remarks>
    public static long EstimateSize(int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers = default) =>
        MaxRecordOverhead + (long)keyLength + valueLength + HeadersSize(headers);

    /// <summary>Appends a record if there is room for it.</summary>
    /// <param name="timestamp">The record's time, in milliseconds since 1970.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="headers">The headers, in order.</param>
    /// <returns><see langword="false"/> if the record does not fit; nothing has changed then.</returns>
    /// <exception cref="InvalidOperationException">The batch is closed.</exception>
    public bool TryAppend(long timestamp, RecordBytes key, RecordBytes value, ReadOnlySpan<RecordHeader> headers = default)
    {
        if (!TryBegin(timestamp, key, value, headers.IsEmpty ? 1 : Varint.Size(headers.Length) + HeadersSize(headers), out Span<byte> rest))
        {
            return false;
        }

        if (headers.IsEmpty)
        {
            rest[0] = 0;
        }
        else
        {
            WriteHeaders(rest, headers);
        }

        return true;
    }

    /// <summary>Appends a copy of a record that was read, its headers unchanged. Its offset becomes that of this batch.</summary>
    /// <param name="record">The record.</param>
    /// <returns><see langword="false"/> if the record does not fit; nothing has changed then.</returns>
    /// <exception cref="InvalidOperationException">The batch is closed.</exception>
    public bool TryAppend(in Record record)
    {
        RecordHeaders headers = record.Headers;
        RecordBytes key = record.IsKeyNull ? RecordBytes.Null : new RecordBytes(record.KeySpan);
        RecordBytes value = record.IsValueNull ? RecordBytes.Null : new RecordBytes(record.ValueSpan);
        if (!TryBegin(record.Timestamp, key, value, Varint.Size(headers.Count) + headers.Encoded.Length, out Span<byte> rest))
        {
            return false;
        }

        headers.Encoded.Span.CopyTo(rest[Varint.Write(rest, headers.Count)..]);
        return true;
    }

    /// <summary>Finishes the batch: header, sequence, CRC. Base offset 0 and leader epoch -1 are for the broker to set.</summary>
    /// <param name="flags">Transactional, control, log append time.</param>
    /// <param name="producer">Who produces it.</param>
    /// <param name="compression">How to compress the records; <see langword="null"/> for not at all. Records that would not become smaller stay as they are.</param>
    /// <returns>The finished batch, as a slice of the buffer.</returns>
    /// <exception cref="InvalidOperationException">The batch is closed already, or holds no record.</exception>
    public ReadOnlyMemory<byte> Close(RecordBatchFlags flags, BatchProducer producer, BatchCompression? compression = null)
    {
        ThrowIfClosed();
        if (_count == 0)
        {
            throw new InvalidOperationException("A batch without records cannot be closed.");
        }

        short attributes = (short)flags;
        if (compression is { } wanted && wanted.Type != CompressionType.None && TryCompress(wanted))
        {
            attributes |= (short)wanted.Type;
        }

        Span<byte> batch = _buffer.AsSpan(0, _position);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.BaseOffset..], 0);
        BinaryPrimitives.WriteInt32BigEndian(batch[Length..], _position - LogOverhead);
        BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpoch..], -1);
        batch[Magic] = CurrentMagic;
        BinaryPrimitives.WriteInt16BigEndian(batch[Attributes..], attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[LastOffsetDelta..], _count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.BaseTimestamp..], _baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchLayout.MaxTimestamp..], _maxTimestamp);
        RecordBatchStamp.WriteProducer(batch, producer);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordCount..], _count);
        RecordBatchStamp.WriteCrc(batch);
        _isClosed = true;
        return Batch;
    }

    /// <summary>Gives a finished batch another producer or sequence, before it is sent or sent again.</summary>
    /// <param name="producer">Who produces it.</param>
    /// <exception cref="InvalidOperationException">The batch is still open.</exception>
    public void SetProducer(BatchProducer producer)
    {
        if (!_isClosed)
        {
            throw new InvalidOperationException("The batch is still open.");
        }

        RecordBatchStamp.SetProducer(_buffer.AsSpan(0, _position), producer);
    }

    /// <summary>Forgets the batch and opens the next one in a buffer.</summary>
    /// <param name="buffer">Where the next batch is built.</param>
    /// <param name="capacity">The most bytes the batch may take, its header included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is larger than the buffer or has no room for a header.</exception>
    public void Reset(byte[] buffer, int capacity)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, HeaderSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, buffer.Length);
        _buffer = buffer;
        _capacity = capacity;
        _position = HeaderSize;
        _count = 0;
        _baseTimestamp = 0;
        _maxTimestamp = 0;
        _isClosed = false;
    }

    /// <summary>Goes on with an open batch in another buffer.</summary>
    /// <param name="buffer">Where the batch is built from now on; the old buffer is the caller's again.</param>
    /// <param name="capacity">The most bytes the batch may take, its header included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is larger than the buffer or smaller than the batch is already.</exception>
    /// <exception cref="InvalidOperationException">The batch is closed.</exception>
    public void MoveTo(byte[] buffer, int capacity)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, _position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, buffer.Length);
        ThrowIfClosed();
        _buffer.AsSpan(HeaderSize, _position - HeaderSize).CopyTo(buffer.AsSpan(HeaderSize));
        _buffer = buffer;
        _capacity = capacity;
    }

    /// <summary>Writes a record up to its value and hands out exactly the room for the rest of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryBegin(long timestamp, RecordBytes key, RecordBytes value, long headersSize, out Span<byte> rest)
    {
        ThrowIfClosed();
        long timestampDelta = _count == 0 ? 0 : timestamp - _baseTimestamp;
        int keyLength = key.WireLength;
        int valueLength = value.WireLength;
        long body = 1L + Varint.Size(timestampDelta) + Varint.Size(_count)
            + Varint.Size(keyLength) + key.Span.Length
            + Varint.Size(valueLength) + value.Span.Length
            + headersSize;
        Span<byte> room = _buffer.AsSpan(_position, _capacity - _position);
        if (body + Varint.MaxSize32 > room.Length && body + Varint.Size((int)Math.Min(body, int.MaxValue)) > room.Length)
        {
            rest = default;
            return false;
        }

        int at = Varint.Write(room, (int)body);
        int end = at + (int)body;
        room[at++] = 0;
        at += Varint.Write(room[at..], timestampDelta);
        at += Varint.Write(room[at..], _count);
        at += Varint.Write(room[at..], keyLength);
        key.Span.CopyTo(room[at..]);
        at += key.Span.Length;
        at += Varint.Write(room[at..], valueLength);
        value.Span.CopyTo(room[at..]);
        at += value.Span.Length;
        rest = room[at..end];

        _baseTimestamp = timestamp - timestampDelta;
        _maxTimestamp = _count == 0 ? timestamp : Math.Max(_maxTimestamp, timestamp);
        _position += end;
        _count++;
        return true;
    }

    private static long HeadersSize(ReadOnlySpan<RecordHeader> headers)
    {
        long size = 0;
        foreach (ref readonly RecordHeader header in headers)
        {
            int keyLength = header.KeyLength;
            size += Varint.Size(keyLength) + (long)keyLength + Varint.Size(header.ValueWireLength) + header.Value.Length;
        }

        return size;
    }

    private static void WriteHeaders(Span<byte> destination, ReadOnlySpan<RecordHeader> headers)
    {
        int at = Varint.Write(destination, headers.Length);
        foreach (ref readonly RecordHeader header in headers)
        {
            at += Varint.Write(destination[at..], header.KeyLength);
            at += header.WriteKey(destination[at..]);
            at += Varint.Write(destination[at..], header.ValueWireLength);
            header.Value.Span.CopyTo(destination[at..]);
            at += header.Value.Length;
        }
    }

    private bool TryCompress(BatchCompression compression)
    {
        int size = _position - HeaderSize;
        using var compressed = new RentedBuffer(int.MaxValue - HeaderSize);
        compression.Codec.Compress(_buffer.AsMemory(HeaderSize, size), compressed, compression.Level);
        if (compressed.Written >= size)
        {
            return false;
        }

        compressed.WrittenMemory.Span.CopyTo(_buffer.AsSpan(HeaderSize));
        _position = HeaderSize + compressed.Written;
        return true;
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            ThrowClosed();
        }

        static void ThrowClosed() => throw new InvalidOperationException("The batch is closed and takes no more records.");
    }
}
