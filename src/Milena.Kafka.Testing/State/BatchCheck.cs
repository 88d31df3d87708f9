using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.State;

/// <summary>What a broker demands of a batch before it is stored, in the order in which Kafka looks.</summary>
internal static class BatchCheck
{
    private const CompressionType LastCodec = CompressionType.Zstd;

    /// <summary>Finds what is wrong with a batch of magic 2.</summary>
    /// <returns>Null if nothing is.</returns>
    public static AppendError? Check(in RecordBatch batch, TopicConfigs configs, CompressionCodecs codecs, DateTimeOffset now) =>
        CheckFrame(batch, configs) ?? CheckHeader(batch) ?? CheckRecords(batch, configs, codecs, now);

    /// <summary>Whether a batch is larger than the topic allows.</summary>
    public static AppendError? CheckSize(in RecordBatch batch, TopicConfigs configs) => batch.Bytes.Length <= configs.MaxMessageBytes
        ? null
        : new AppendError(
            ErrorCode.MessageTooLarge,
            $"The record batch size is {batch.Bytes.Length} bytes which exceeds the maximum configured value of {configs.MaxMessageBytes}.");

    private static AppendError? CheckFrame(in RecordBatch batch, TopicConfigs configs)
    {
        if (batch.BaseOffset != 0)
        {
            return Invalid($"The baseOffset of the record batch in the append should be 0, but it is {batch.BaseOffset}.");
        }

        return CheckSize(batch, configs) ?? (batch.HasValidCrc() ? null : new AppendError(ErrorCode.CorruptMessage, $"Record batch is corrupt: its CRC is not {batch.Crc:x8}."));
    }

    private static AppendError? CheckHeader(in RecordBatch batch)
    {
        long span = batch.LastOffset - batch.BaseOffset + 1;
        if (batch.RecordCount <= 0 || span != batch.RecordCount)
        {
            return Invalid($"A batch of {batch.RecordCount} records spans {span} offsets.");
        }

        if (batch.IsControl)
        {
            return Invalid("Clients are not allowed to write control records.");
        }

        if (batch.Producer is { Id: >= 0, BaseSequence: < 0 } producer)
        {
            return Invalid($"Invalid sequence number {producer.BaseSequence} in record batch with producerId {producer.Id}.");
        }

        if (batch.IsTransactional && batch.Producer.Id < 0)
        {
            return Invalid("A batch in a transaction has no producer id.");
        }

        return batch.Compression <= LastCodec
            ? null
            : new AppendError(ErrorCode.UnsupportedCompressionType, $"There is no compression {(int)batch.Compression}.");
    }

    private static AppendError? CheckRecords(in RecordBatch batch, TopicConfigs configs, CompressionCodecs codecs, DateTimeOffset now)
    {
        if (batch.Compression != CompressionType.None && !codecs.TryGet(batch.Compression, out _))
        {
            return null;
        }

        BatchRecords records;
        try
        {
            records = batch.OpenRecords(new RecordReadOptions { CheckCrc = false, Codecs = codecs });
        }
        catch (CorruptRecordBatchException exception)
        {
            return new AppendError(ErrorCode.CorruptMessage, exception.Message);
        }

        using (records)
        {
            try
            {
                return CheckEach(records, configs, now.ToUnixTimeMilliseconds());
            }
            catch (CorruptRecordBatchException exception)
            {
                return Invalid(exception.Message);
            }
        }
    }

    private static AppendError? CheckEach(BatchRecords records, TopicConfigs configs, long now)
    {
        int index = 0;
        foreach (ref readonly Record record in records)
        {
            if (record.Offset != index)
            {
                return Invalid($"Record {index} of the batch has the offset {record.Offset}.", index);
            }

            if (configs.IsCompacted && record.IsKeyNull)
            {
                return Invalid("Compacted topic cannot accept message without key.", index);
            }

            if (!configs.UsesLogAppendTime && !IsTimeGood(record.Timestamp, configs, now))
            {
                return new AppendError(ErrorCode.InvalidTimestamp, $"Timestamp {record.Timestamp} of message with offset {index} is out of range.", index);
            }

            index++;
        }

        return null;
    }

    private static bool IsTimeGood(long timestamp, TopicConfigs configs, long now) =>
        timestamp < 0 || (now - timestamp <= configs.TimestampBefore && timestamp - now <= configs.TimestampAfter);

    private static AppendError Invalid(string message, int? recordIndex = null) => new(ErrorCode.InvalidRecord, message, recordIndex);
}
