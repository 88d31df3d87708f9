using System.Runtime.InteropServices;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Interop;

/// <summary>
/// librdkafka's mock cluster inside this process: brokers on loopback that nobody here wrote. It answers ApiVersions v3 with
/// UNSUPPORTED_VERSION, creates topics when asked about them (4 partitions), has no admin APIs and checks no CRC.
/// </summary>
internal sealed class LibrdkafkaMockCluster : IDisposable
{
    // RD_KAFKA_RESP_ERR__TRANSPORT: the mock broker closes the connection instead of answering.
    private const int Transport = -195;

    private nint _client;
    private nint _cluster;

    /// <param name="brokers">Their ids are 1 to this number.</param>
    public LibrdkafkaMockCluster(int brokers = 1)
    {
        _client = Librdkafka.NewProducer();
        _cluster = Librdkafka.NewMockCluster(_client, brokers);
        if (_cluster == 0)
        {
            Dispose();
            throw new InvalidOperationException($"The mock cluster of librdkafka {Librdkafka.Version} did not start.");
        }

        BootstrapServers = Marshal.PtrToStringUTF8(Librdkafka.BootstrapsOf(_cluster))!;
    }

    /// <summary>host:port of each broker, separated by commas.</summary>
    public string BootstrapServers { get; } = "";

    public static bool IsAvailable(out string reason)
    {
        reason = $"{Librdkafka.FileName} cannot be loaded (Debian: apt-get install librdkafka1, or name one in {Librdkafka.Variable}).";
        return Librdkafka.IsLoaded;
    }

    public void CreateTopic(string topic, int partitions = 1, int replicationFactor = 1) =>
        Check(Librdkafka.CreateTopic(Cluster, topic, partitions, replicationFactor));

    /// <summary>The next requests of this API get these errors, one each, on whichever broker they arrive.</summary>
    public void PushRequestErrors(ApiKey api, params ErrorCode[] errors) =>
        Librdkafka.PushRequestErrors(Cluster, (short)api, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    /// <summary>The next requests of this API lose their connection instead of getting an answer.</summary>
    public void DropConnections(ApiKey api, int times = 1) =>
        Librdkafka.PushRequestErrors(Cluster, (short)api, (nuint)times, [.. Enumerable.Repeat(Transport, times)]);

    /// <summary>The next request of this API at this broker gets this error, or is served, and the answer is held back for so long. Further calls queue up.</summary>
    public void PushRequestErrorWithRtt(int brokerId, ApiKey api, ErrorCode error, TimeSpan roundTripTime) =>
        Check(Librdkafka.PushRequestErrorWithRtt(Cluster, brokerId, (short)api, 1, (int)error, (int)roundTripTime.TotalMilliseconds));

    public void ClearRequestErrors(ApiKey api) => Librdkafka.ClearRequestErrors(Cluster, (short)api);

    /// <summary>Every answer of this broker is held back for so long.</summary>
    public void SetRtt(int brokerId, TimeSpan roundTripTime) =>
        Check(Librdkafka.SetRoundTripTime(Cluster, brokerId, (int)roundTripTime.TotalMilliseconds));

    /// <summary>Closes the broker's connections and refuses new ones.</summary>
    public void StopBroker(int brokerId) => Check(Librdkafka.SetBrokerDown(Cluster, brokerId));

    public void StartBroker(int brokerId) => Check(Librdkafka.SetBrokerUp(Cluster, brokerId));

    public void MoveLeader(string topic, int partition, int brokerId) =>
        Check(Librdkafka.SetLeader(Cluster, topic, partition, brokerId));

    public void MoveGroupCoordinator(string group, int brokerId) =>
        Check(Librdkafka.SetCoordinator(Cluster, "group", group, brokerId));

    public void MoveTransactionCoordinator(string transactionalId, int brokerId) =>
        Check(Librdkafka.SetCoordinator(Cluster, "transaction", transactionalId, brokerId));

    /// <summary>Serves an API at these versions only.</summary>
    public void SetApiVersions(ApiKey api, short lowest, short highest) =>
        Check(Librdkafka.SetApiVersion(Cluster, (short)api, lowest, highest));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _cluster, 0) is var cluster and not 0)
        {
            Librdkafka.DestroyMockCluster(cluster);
        }

        if (Interlocked.Exchange(ref _client, 0) is var client and not 0)
        {
            Librdkafka.Destroy(client);
        }
    }

    private nint Cluster
    {
        get
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            return _cluster;
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"librdkafka's mock cluster: {Librdkafka.Describe(error)}");
        }
    }
}
