using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The few functions of librdkafka that its mock cluster needs.</summary>
internal static partial class Librdkafka
{
    /// <summary>Names a newer librdkafka.so than the system's.</summary>
    public const string Variable = "LIBRDKAFKA";

    private const string Library = "rdkafka";

    private static readonly nint Handle = Load();

    static Librdkafka() => NativeLibrary.SetDllImportResolver(
        Assembly.GetExecutingAssembly(),
        (name, _, _) => name == Library ? Handle : 0);

    public static bool IsLoaded => Handle != 0;

    public static string FileName => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "librdkafka.so.1";

    public static string Version => Marshal.PtrToStringUTF8(VersionText())!;

    public static string Describe(int error) => Marshal.PtrToStringUTF8(ErrorText(error))!;

    /// <summary>A producer handle: the mock cluster lives on its threads.</summary>
    public static nint NewProducer()
    {
        const int producer = 0;
        byte[] reason = new byte[512];
        nint configuration = NewConfiguration();

        // The handle itself connects to nothing and would say so on the console of the tests.
        _ = Set(configuration, "log_level", "0", reason, (nuint)reason.Length);
        nint handle = New(producer, configuration, reason, (nuint)reason.Length);
        return handle != 0 ? handle : throw new InvalidOperationException($"rd_kafka_new: {Encoding.UTF8.GetString(reason).TrimEnd('\0')}");
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    public static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial nint NewMockCluster(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void DestroyMockCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint BootstrapsOf(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateTopic(nint cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushRequestErrors(nint cluster, short apiKey, nuint count, int[] errors);

    // Variadic in C. One pair of integers is passed in registers, as it would be to a function that names them.
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_push_request_error_rtts")]
    public static partial int PushRequestErrorWithRtt(nint cluster, int brokerId, short apiKey, nuint count, int error, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    public static partial void ClearRequestErrors(nint cluster, short apiKey);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial int SetRoundTripTime(nint cluster, int brokerId, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetBrokerDown(nint cluster, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetBrokerUp(nint cluster, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetLeader(nint cluster, string topic, int partition, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCoordinator(nint cluster, string keyType, string key, int brokerId);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_set_apiversion")]
    public static partial int SetApiVersion(nint cluster, short apiKey, short lowest, short highest);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(nint configuration, string name, string value, byte[] reason, nuint reasonSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, byte[] reason, nuint reasonSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_version_str")]
    private static partial nint VersionText();

    [LibraryImport(Library, EntryPoint = "rd_kafka_err2str")]
    private static partial nint ErrorText(int error);

    private static nint Load() => NativeLibrary.TryLoad(FileName, out nint handle) ? handle : 0;
}
