using static Milena.Kafka.Protocol.Records.RecordBatchLayout;

namespace Milena.Kafka.Protocol.Records;

/// <summary>The records of one batch, opened for reading; owns the buffer they were decompressed into, if they were.</summary>
/// <remarks>Records are parsed as they are enumerated, and may be enumerated again. Not thread-safe.</remarks>
public sealed class BatchRecords : IDisposable
{
    private readonly RecordBatch _batch;
    private readonly ReadOnlyMemory<byte> _source;
    private readonly int _start;
    private readonly long _innerBase;
    private readonly bool _checkInnerCrc;
    private RentedBuffer? _owned;
    private bool _isDisposed;

    private BatchRecords(in RecordBatch batch, int start)
    {
        _batch = batch;
        _source = batch.Bytes;
        _start = start;
    }

    private BatchRecords(in RecordBatch batch, RentedBuffer decompressed, bool checkInnerCrc)
    {
        _batch = batch;
        _owned = decompressed;
        _source = decompressed.WrittenMemory;
        _checkInnerCrc = checkInnerCrc;
        _innerBase = batch.Magic == 1 ? batch.LastOffset - LastInnerOffset(batch, _source) : 0;
    }

    /// <summary>The batch that the records belong to.</summary>
    public RecordBatch Batch => _batch;

    /// <summary>The bytes of all records, one after another, decompressed.</summary>
    internal ReadOnlyMemory<byte> Body => _source[_start..];

    /// <summary>Enumerates the records in order. Parsing throws <see cref="CorruptRecordBatchException"/> where a record contradicts itself or its batch.</summary>
    /// <exception cref="ObjectDisposedException">The records were disposed.</exception>
    public RecordEnumerator GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new RecordEnumerator(_batch, _source, _start, _innerBase, _checkInnerCrc);
    }

    /// <summary>Gives the buffer back, if there is one. Records and slices of them must not be used any more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Interlocked.Exchange(ref _owned, null)?.Dispose();
    }

    internal static BatchRecords Open(in RecordBatch batch, RecordReadOptions options)
    {
        if (options.CheckCrc)
        {
            batch.EnsureValidCrc();
        }

        bool isCurrent = batch.Magic == CurrentMagic;
        if (batch.Compression == CompressionType.None || (isCurrent && batch.RecordCount == 0))
        {
            return new BatchRecords(batch, isCurrent ? HeaderSize : 0);
        }

        var decompressed = new RentedBuffer(options.MaxDecompressedSize);
        try
        {
            options.Codecs.ForReading(batch.Compression, batch.Magic).Decompress(Compressed(batch), decompressed, options.MaxDecompressedSize);
            return new BatchRecords(batch, decompressed, checkInnerCrc: options.CheckCrc && !isCurrent);
        }
        catch (InvalidDataException exception)
        {
            decompressed.Dispose();
            throw batch.Corrupt($"its {batch.Compression} stream cannot be read: {exception.Message.TrimEnd('.')}", exception);
        }
        catch
        {
            decompressed.Dispose();
            throw;
        }
    }

    private static ReadOnlyMemory<byte> Compressed(in RecordBatch batch)
    {
        if (batch.Magic == CurrentMagic)
        {
            return batch.Bytes[HeaderSize..];
        }

        if (!MessageSet.TryReadSlices(batch.Bytes.Span, out RecordSlices slices))
        {
            throw batch.Corrupt("key and value do not fill the message");
        }

        return slices.ValueLength >= 0
            ? batch.Bytes.Slice(slices.ValueStart, slices.ValueLength)
            : throw batch.Corrupt("it is compressed and has no value");
    }

    // Magic 1: inner offsets count from anywhere, and the wrapper's offset is that of the last inner message.
    private static long LastInnerOffset(in RecordBatch batch, ReadOnlyMemory<byte> messages)
    {
        RecordBatches.Enumerator enumerator = new RecordBatches(messages).GetEnumerator();
        long last = -1;
        while (enumerator.MoveNext())
        {
            last = enumerator.Current.LastOffset;
        }

        return enumerator.BytesLeft == 0 && last >= 0
            ? last
            : throw batch.Corrupt("the compressed message set is empty, cut off or has a negative offset");
    }
}
