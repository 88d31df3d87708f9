using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>Finds the one batch that a Produce request has for a partition.</summary>
internal static class ProducedRecords
{
    private const short FirstVersionOfBatches = 3;
    private const short FirstVersionOfZstd = 7;

    /// <summary>Reads the records field of a partition.</summary>
    /// <param name="records">The field.</param>
    /// <param name="version">The version of Produce.</param>
    /// <param name="codecs">How to look into compressed message sets.</param>
    /// <param name="batch">The batch, if nothing is wrong.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static AppendError? Read(ReadOnlyMemory<byte>? records, short version, CompressionCodecs codecs, out RecordBatch batch)
    {
        batch = default;
        try
        {
            return version < FirstVersionOfBatches
                ? ReadSet(records.GetValueOrDefault(), codecs, out batch)
                : ReadBatch(records.GetValueOrDefault(), version, out batch);
        }
        catch (CorruptRecordBatchException exception)
        {
            return new AppendError(ErrorCode.CorruptMessage, exception.Message);
        }
        catch (UnsupportedCompressionException exception)
        {
            return new AppendError(ErrorCode.UnsupportedCompressionType, exception.Message);
        }
    }

    private static AppendError? ReadBatch(ReadOnlyMemory<byte> records, short version, out RecordBatch batch)
    {
        RecordBatches.Enumerator batches = new RecordBatches(records).GetEnumerator();
        batch = default;
        if (!batches.MoveNext())
        {
            return new AppendError(ErrorCode.InvalidRecord, $"Produce requests with version {version} must have at least one record batch per partition");
        }

        batch = batches.Current;
        if (batch.Magic != 2)
        {
            return new AppendError(ErrorCode.InvalidRecord, $"Produce requests with version {version} are only allowed to contain record batches with magic version 2");
        }

        if (version < FirstVersionOfZstd && batch.Compression == CompressionType.Zstd)
        {
            return new AppendError(ErrorCode.UnsupportedCompressionType, $"Produce requests with version {version} are not allowed to use ZStandard compression");
        }

        return batches.MoveNext()
            ? new AppendError(ErrorCode.InvalidRecord, $"Produce requests with version {version} are only allowed to contain exactly one record batch per partition")
            : null;
    }

    private static AppendError? ReadSet(ReadOnlyMemory<byte> records, CompressionCodecs codecs, out RecordBatch batch)
    {
        batch = default;
        foreach (RecordBatch message in new RecordBatches(records))
        {
            if (message.Magic >= 2)
            {
                return new AppendError(ErrorCode.InvalidRecord, "Produce requests before version 3 contain message sets");
            }
        }

        ReadOnlyMemory<byte> upgraded = MessageSetUpgrade.ToBatch(records, codecs);
        foreach (RecordBatch only in new RecordBatches(upgraded))
        {
            batch = only;
            return null;
        }

        return new AppendError(ErrorCode.InvalidRecord, "The message set is empty");
    }
}
