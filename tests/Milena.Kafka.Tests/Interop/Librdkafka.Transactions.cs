using System.Runtime.InteropServices;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <content>What its transactional producer needs.</content>
internal static partial class Librdkafka
{
    /// <summary>A producer with settings.</summary>
    public static nint NewProducer(params (string Name, string Value)[] settings)
    {
        const int producer = 0;
        byte[] reason = new byte[512];
        nint configuration = NewConfiguration();
        foreach ((string name, string value) in settings.Append(("log_level", "0")))
        {
            if (Set(configuration, name, value, reason, (nuint)reason.Length) != 0)
            {
                throw new ArgumentException(Encoding.UTF8.GetString(reason).TrimEnd('\0'));
            }
        }

        nint handle = New(producer, configuration, reason, (nuint)reason.Length);
        return handle != 0 ? handle : throw new InvalidOperationException($"rd_kafka_new: {Encoding.UTF8.GetString(reason).TrimEnd('\0')}");
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_init_transactions")]
    public static partial nint InitTransactions(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_begin_transaction")]
    public static partial nint BeginTransaction(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_send_offsets_to_transaction")]
    public static partial nint SendOffsets(nint client, nint offsets, nint groupMetadata, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_commit_transaction")]
    public static partial nint CommitTransaction(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_abort_transaction")]
    public static partial nint AbortTransaction(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewTopic(nint client, string topic, nint configuration);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void DestroyTopic(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_produce")]
    public static partial int Produce(nint topic, int partition, int flags, byte[] value, nuint valueSize, nint key, nuint keySize, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_flush")]
    public static partial int Flush(nint client, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consumer_group_metadata_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewGroupMetadata(string groupId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consumer_group_metadata_destroy")]
    public static partial void DestroyGroupMetadata(nint groupMetadata);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_new")]
    public static partial nint NewPartitionList(int size);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint AddPartition(nint list, string topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_set_offset", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetOffset(nint list, string topic, int partition, long offset);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    public static partial void DestroyPartitionList(nint list);

    /// <summary>The name of an error object, such as <c>_FENCED</c>, with what it demands; null if there is none.</summary>
    public static string? Take(nint error)
    {
        if (error == 0)
        {
            return null;
        }

        string text = $"{Marshal.PtrToStringUTF8(ErrorName(error))}{(IsFatal(error) != 0 ? " (fatal)" : "")}{(RequiresAbort(error) != 0 ? " (abort)" : "")}: {Marshal.PtrToStringUTF8(ErrorString(error))}";
        DestroyError(error);
        return text;
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_name")]
    private static partial nint ErrorName(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_string")]
    private static partial nint ErrorString(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_is_fatal")]
    private static partial int IsFatal(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_txn_requires_abort")]
    private static partial int RequiresAbort(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_destroy")]
    private static partial void DestroyError(nint error);
}
